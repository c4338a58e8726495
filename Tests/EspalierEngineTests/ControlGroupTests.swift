import Foundation
import Testing

@testable import EspalierEngine

/// What a container allows, read from trees of files as kernels and container runtimes make them.
@Suite struct ControlGroupTests {
    private func limit(_ files: [String: String]) throws -> Double? {
        let root = FileManager.default.temporaryDirectory.path + "/espalier-groups-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: root) }
        for (path, text) in files {
            let url = URL(filePath: root + path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return ControlGroups(root: root).processorLimit
    }

    private let version2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
    private let version1 = """
        31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
        32 31 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset
        33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct

        """

    @Test func aContainerOfVersion2() throws {
        #expect(
            try limit([
                "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": version2,
                "/sys/fs/cgroup/cpu.max": "150000 100000\n",
            ]) == 1.5)
    }

    @Test func noLimitIsNone() throws {
        #expect(
            try limit([
                "/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": version2,
                "/sys/fs/cgroup/cpu.max": "max 100000\n",
            ]) == nil)
        #expect(try limit(["/proc/self/cgroup": "0::/\n", "/proc/self/mountinfo": version2]) == nil)
        #expect(try limit([:]) == nil)
    }

    @Test func theTightestOfAllGroupsAbove() throws {
        #expect(
            try limit([
                "/proc/self/cgroup": "0::/user.slice/job.service/inner\n", "/proc/self/mountinfo": version2,
                "/sys/fs/cgroup/user.slice/cpu.max": "800000 100000\n",
                "/sys/fs/cgroup/user.slice/job.service/cpu.max": "250000 100000\n",
                "/sys/fs/cgroup/user.slice/job.service/inner/cpu.max": "max 100000\n",
                "/sys/fs/cgroup/user.slice/other.service/cpu.max": "10000 100000\n",
            ]) == 2.5)
    }

    @Test func aContainerOfVersion1SeesItsPathOnTheHost() throws {
        let mount = "33 31 0:30 /docker/4f2 /sys/fs/cgroup/cpu,cpuacct ro - cgroup cgroup rw,cpu,cpuacct\n"
        #expect(
            try limit([
                "/proc/self/cgroup": "5:cpuset:/docker/4f2\n4:cpu,cpuacct:/docker/4f2\n0::/docker/4f2\n",
                "/proc/self/mountinfo": mount,
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "50000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            ]) == 0.5)
    }

    @Test func aGroupWithinAContainer() throws {
        #expect(
            try limit([
                "/proc/self/cgroup": "4:cpu:/docker/4f2/batch\n",
                "/proc/self/mountinfo": "33 31 0:30 /docker/4f2 /groups ro - cgroup cgroup rw,cpu\n",
                "/groups/cpu.cfs_quota_us": "-1\n", "/groups/cpu.cfs_period_us": "100000\n",
                "/groups/batch/cpu.cfs_quota_us": "120000\n", "/groups/batch/cpu.cfs_period_us": "100000\n",
            ]) == 1.2)
    }

    @Test func aGroupOfVersion1() throws {
        let files = [
            "/proc/self/cgroup": "4:cpu,cpuacct:/batch\n3:cpuset:/\n", "/proc/self/mountinfo": version1,
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        ]
        #expect(try limit(files) == nil)
        let limited = [
            "/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_quota_us": "300000\n",
            "/sys/fs/cgroup/cpu,cpuacct/batch/cpu.cfs_period_us": "100000\n",
        ]
        #expect(try limit(files.merging(limited) { $1 }) == 3)
    }

    @Test func bothVersionsAtOnce() throws {
        #expect(
            try limit([
                "/proc/self/cgroup": "1:cpu,cpuacct:/\n0::/\n", "/proc/self/mountinfo": version1 + version2,
                "/sys/fs/cgroup/cpu.max": "400000 100000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "350000\n",
                "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            ]) == 3.5)
    }

    @Test func blanksInAMountPoint() throws {
        #expect(
            try limit([
                "/proc/self/cgroup": "0::/\n",
                "/proc/self/mountinfo": "30 23 0:26 / /mnt/my\\040groups rw - cgroup2 cgroup2 rw\n",
                "/mnt/my groups/cpu.max": "200000 100000\n",
            ]) == 2)
    }

    @Test(arguments: ["", "100000\n", "x y\n", "0 0\n", "-5 100000\n", "100000 0\n", "nan 1\n"])
    func whatIsNoLimitIsIgnored(_ text: String) throws {
        #expect(
            try limit([
                "/proc/self/cgroup": "0::/\nnonsense\n:\n", "/proc/self/mountinfo": version2 + "a b - \n",
                "/sys/fs/cgroup/cpu.max": text,
            ]) == nil)
    }

    @Test func thisProcessMayUseSomething() {
        #expect(Processors.allowed >= 1 && (1...Processors.allowed).contains(Processors.usable))
        #expect(Engine().threads == Processors.usable)
    }
}
