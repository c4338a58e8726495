import Foundation
import Synchronization

/// Work on several threads at once.
package enum SideBySide {
    /// What `body` makes of each item, in the order of the items.
    ///
    /// The calling thread works too, with up to `workers` - 1 others. Trainings side by side take an engine of one thread each.
    package static func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], workers: Int, _ body: @escaping @Sendable (Item) -> Result
    ) -> [Result] {
        let work = Work(items, body)
        let group = DispatchGroup()
        for _ in 1..<max(1, min(workers, items.count)) {
            group.enter()
            let code = DetachedThread.start {
                work.run()
                group.leave()
            }
            if code != 0 { group.leave() }
        }
        work.run()
        group.wait()
        return work.results
    }

    private final class Work<Item: Sendable, Result: Sendable>: Sendable {
        private let items: [Item]
        private let body: @Sendable (Item) -> Result
        private let state: Mutex<(next: Int, results: [Int: Result])> = Mutex((0, [:]))

        init(_ items: [Item], _ body: @escaping @Sendable (Item) -> Result) {
            self.items = items
            self.body = body
        }

        /// Takes items until there are none.
        func run() {
            while let index = take() {
                let result = body(items[index])
                state.withLock { $0.results[index] = result }
            }
        }

        private func take() -> Int? {
            state.withLock { state in
                guard state.next < items.count else { return nil }
                defer { state.next += 1 }
                return state.next
            }
        }

        var results: [Result] {
            state.withLock { state in items.indices.compactMap { state.results[$0] } }
        }
    }
}
