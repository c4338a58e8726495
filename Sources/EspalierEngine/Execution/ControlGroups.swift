import Foundation

/// The control groups that this process is in, as the kernel shows them, and what they allow it.
///
/// A container with "1.5 processors" is a group that may run for 150 ms in every 100 ms. Its processes see and may use
/// every processor of the machine until that time is used up, and then stand still.
struct ControlGroups {
    /// What stands before every path: nothing, or a folder that holds another tree of `/proc` and `/sys`.
    var root: String

    /// The processors' time that the tightest group gives, in processors; nothing where none sets a limit.
    ///
    /// Every group from the process's own up to the highest that can be seen is asked, in version 2 (`cpu.max`) and in
    /// version 1 (`cpu.cfs_quota_us`), as both may be mounted.
    var processorLimit: Double? {
        let mounts = self.mounts
        let limits = memberships.flatMap { membership in
            mounts.filter { membership.isVersion2 ? $0.isVersion2 : $0.controlsProcessors }.flatMap { mount in
                folders(of: membership.path, in: mount).compactMap(membership.isVersion2 ? limit2 : limit1)
            }
        }
        return limits.min()
    }

    // The limit of one group

    /// `150000 100000`: quota and period in microseconds; `max 100000` sets no limit.
    private func limit2(_ folder: String) -> Double? {
        guard let words = text(folder + "/cpu.max")?.split(whereSeparator: \.isWhitespace), words.count == 2,
            let quota = Double(words[0]), let period = Double(words[1])
        else { return nil }
        return quota > 0 && period > 0 ? quota / period : nil
    }

    /// A quota of -1 sets no limit.
    private func limit1(_ folder: String) -> Double? {
        guard let quota = number(folder + "/cpu.cfs_quota_us"), let period = number(folder + "/cpu.cfs_period_us")
        else { return nil }
        return quota > 0 && period > 0 ? quota / period : nil
    }

    private func number(_ path: String) -> Double? {
        text(path).flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    // Where the groups are

    private struct Membership {
        var isVersion2: Bool
        var path: String
    }

    /// The lines `hierarchy:controllers:path` of `/proc/self/cgroup`: version 2 is the hierarchy without controllers.
    private var memberships: [Membership] {
        lines("/proc/self/cgroup").compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            let controllers = parts[1].split(separator: ",")
            guard controllers.isEmpty || controllers.contains("cpu") else { return nil }
            return Membership(isVersion2: controllers.isEmpty, path: String(parts[2]))
        }
    }

    private struct Mount {
        /// The group that is seen at the mount point.
        var group: String
        var point: String
        var isVersion2: Bool
        var controlsProcessors: Bool
    }

    /// The lines `id parent device group point options … - type source options` of `/proc/self/mountinfo`.
    private var mounts: [Mount] {
        lines("/proc/self/mountinfo").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 5, let dash = words.firstIndex(of: "-"), words.count > dash + 3 else { return nil }
            let type = words[dash + 1]
            guard type == "cgroup" || type == "cgroup2" else { return nil }
            return Mount(
                group: unescaped(words[3]), point: unescaped(words[4]), isVersion2: type == "cgroup2",
                controlsProcessors: type == "cgroup" && words[dash + 3].split(separator: ",").contains("cpu"))
        }
    }

    /// The folders of a group and of all above it that the mount shows.
    private func folders(of group: String, in mount: Mount) -> [String] {
        let shown = mount.group == "/" ? "" : mount.group
        // A container may see the path of its group on the host, and at the mount point the group itself.
        var path = group.hasPrefix(shown) ? String(group.dropFirst(shown.count)) : ""
        var folders: [String] = []
        while let slash = path.lastIndex(of: "/") {
            if path.count > 1 { folders.append(mount.point + path) }
            path = String(path[..<slash])
        }
        return folders + [mount.point]
    }

    /// Blanks and the like stand as `\040` there.
    private func unescaped(_ text: String) -> String {
        guard text.contains("\\") else { return text }
        var parts = text.split(separator: "\\", omittingEmptySubsequences: false).map(String.init)
        for index in parts.indices.dropFirst() {
            guard let code = UInt8(parts[index].prefix(3), radix: 8) else { continue }
            parts[index] = String(UnicodeScalar(code)) + parts[index].dropFirst(3)
        }
        return parts.joined()
    }

    private func lines(_ path: String) -> [Substring] { text(path)?.split(separator: "\n") ?? [] }

    private func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: root + path).map { String(decoding: $0, as: UTF8.self) }
    }
}
