/// One prepared kernel call: a function and its record.
struct KernelCall {
    /// Returns -1, or the first position at which the work failed.
    typealias Function = @convention(c) (_ record: UnsafeMutableRawPointer, _ threads: Int32) -> Int64

    var function: Function
    var record: UnsafeMutableRawPointer
}

/// A kernel that needs scratch memory, which is given to it after all kernels are known.
protocol ScratchUser {
    var call: KernelCall { get }

    /// Elements of scratch memory for `threads` threads.
    func scratchElements(threads: Int) -> Int

    func useScratch(_ address: UnsafeMutablePointer<Float>, threads: Int)
}

/// Memory for the records of kernel calls, freed together.
final class Records {
    private var deallocations: [() -> Void] = []

    deinit {
        for deallocate in deallocations { deallocate() }
    }

    /// A record that lives as long as this.
    func store<Record>(_ record: Record) -> UnsafeMutablePointer<Record> {
        store([record])
    }

    /// Records one after the other.
    func store<Record>(_ records: [Record]) -> UnsafeMutablePointer<Record> {
        let pointer = UnsafeMutablePointer<Record>.allocate(capacity: max(records.count, 1))
        pointer.initialize(from: records, count: records.count)
        let count = records.count
        deallocations.append {
            pointer.deinitialize(count: count)
            pointer.deallocate()
        }
        return pointer
    }
}
