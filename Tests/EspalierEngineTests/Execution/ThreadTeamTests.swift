import CKernels
import EspalierGraph
import Foundation
import Synchronization
import Testing

extension EngineTests {
    /// The team that all kernels share.
    @Suite struct ThreadTeamTests {
        /// What the members of a piece of work leave behind.
        private final class Record: Sendable {
            /// How often each member ran, as digits of base 16.
            let runs = Atomic<UInt64>(0)
            /// How many members there were said to be.
            let members = Atomic<Int>(0)

            func note(_ member: Int32, of members: Int32) {
                runs.add(1 << UInt64(4 * member), ordering: .relaxed)
                self.members.store(Int(members), ordering: .relaxed)
            }

            /// Whether each of so many members ran once.
            func isWhole(_ members: Int) -> Bool {
                let once = (0..<members).reduce(UInt64(0)) { $0 | 1 << UInt64(4 * $1) }
                return runs.load(ordering: .relaxed) == once && self.members.load(ordering: .relaxed) == members
            }
        }

        /// A body as a closure.
        private final class Work {
            let body: (Int32, Int32) -> Void
            init(_ body: @escaping (Int32, Int32) -> Void) { self.body = body }
        }

        private static func run(_ members: Int, _ body: @escaping (Int32, Int32) -> Void) {
            let work = Work(body)
            withExtendedLifetime(work) {
                espalier_team_run(
                    Int32(members),
                    { context, member, members in
                        Unmanaged<Work>.fromOpaque(context!).takeUnretainedValue().body(member, members)
                    }, Unmanaged.passUnretained(work).toOpaque())
            }
        }

        private static func runsEachOnce(_ members: Int) -> Bool {
            let record = Record()
            run(members) { record.note($0, of: $1) }
            return record.isWhole(members)
        }

        @Test func everyMemberRunsOnceWhateverTheSizes() {
            var random = RandomStream(seed: 1, "sizes")
            let sizes =
                Array(1...9) + (1...9).reversed() + (0..<3000).map { _ in Int.random(in: 1...5, using: &random) }
            for (index, size) in sizes.enumerated() {
                #expect(Self.runsEachOnce(size), "piece of work \(index), of \(size) members")
            }
        }

        /// After some milliseconds without work the members sleep and have to be woken.
        @Test func sleepersAreWoken() {
            for _ in 0..<20 {
                usleep(15_000)
                #expect(Self.runsEachOnce(4))
            }
        }

        @Test func workWithinWorkRunsAlone() {
            let inner = (0..<3).map { _ in Record() }
            let outer = Record()
            Self.run(3) { member, members in
                outer.note(member, of: members)
                Self.run(3) { inner[Int(member)].note($0, of: $1) }
            }
            #expect(outer.isWhole(3) && inner.allSatisfy { $0.isWhole(1) })
        }

        @Test func twoThatAskTakeTurns() {
            let inside = [0, 1].map { _ in Record() }, faults = Record()
            DispatchQueue.concurrentPerform(iterations: 2) { caller in
                for _ in 0..<500 {
                    let record = Record()
                    Self.run(3) { member, members in
                        record.note(member, of: members)
                        inside[caller].runs.add(1, ordering: .sequentiallyConsistent)
                        for _ in 0..<200 where inside[1 - caller].runs.load(ordering: .sequentiallyConsistent) != 0 {
                            faults.runs.add(1, ordering: .relaxed)
                        }
                        inside[caller].runs.subtract(1, ordering: .sequentiallyConsistent)
                    }
                    if !record.isWhole(3) { faults.runs.add(1, ordering: .relaxed) }
                }
            }
            #expect(faults.runs.load(ordering: .relaxed) == 0)
        }

        /// Each member finds, behind the wait, what the others wrote before it.
        @Test func membersWaitForAll() {
            let faults = Record()
            for members in [2, 3, 4, 6] {
                let written = UnsafeMutablePointer<Int>.allocate(capacity: members)
                let counters = UnsafeMutablePointer<Int64>.allocate(capacity: 2)
                for round in 1...200 {
                    counters.update(repeating: 0, count: 2)
                    Self.run(members) { member, count in
                        if member == 0 { usleep(50) }
                        written[Int(member)] = round
                        espalier_team_wait(counters, count)
                        for other in 0..<Int(count) where written[other] != round {
                            faults.runs.add(1, ordering: .relaxed)
                        }
                        espalier_team_wait(counters + 1, count)
                        written[Int(member)] = -round
                    }
                }
                written.deallocate()
                counters.deallocate()
            }
            #expect(faults.runs.load(ordering: .relaxed) == 0)
        }
    }
}
