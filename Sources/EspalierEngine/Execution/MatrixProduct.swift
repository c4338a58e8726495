import CKernels

/// A matrix product, ready to run: one primitive of the library on all threads, or a part for each thread.
///
/// The library shares large products well among threads. Of small ones it makes more synchronisation than work, so
/// those are cut into bands of rows or columns, one a thread; the smallest stay on the calling thread. A cut never runs
/// through the inner axis: every element is summed in one go.
final class MatrixProduct {
    private let parts: [OneDNNMatrixProduct]

    /// Products of fewer operations run on the calling thread.
    private static let smallestShared = 600_000
    /// Products of more operations are left to the library whole.
    private static let largestCut = 40_000_000
    /// Bands are cut at multiples of this: the library's kernels work on blocks of so many rows and columns.
    private static let block = 8

    init(
        _ library: OneDNN, first: OneDNNOperand, second: OneDNNOperand, bias: OneDNNOperand?,
        destination: OneDNNOperand, relu: Bool, threads: Int
    ) throws {
        let operations = 2 * first.dimensions.reduce(1, *) * (second.dimensions.last ?? 1)
        let isCut = threads > 1 && (Self.smallestShared..<Self.largestCut).contains(operations)
        guard isCut else {
            parts = [
                try OneDNNMatrixProduct(
                    library, first: first, second: second, bias: bias, destination: destination, relu: relu,
                    threads: operations < Self.smallestShared ? 1 : threads)
            ]
            return
        }
        let rows = destination.dimensions[destination.dimensions.count - 2]
        let columns = destination.dimensions[destination.dimensions.count - 1]
        let cutsRows = rows > columns
        parts = try Self.bands(of: cutsRows ? rows : columns, threads).map { band in
            try OneDNNMatrixProduct(
                library, first: cutsRows ? first.sliced(band, fromEnd: 2) : first,
                second: cutsRows ? second : second.sliced(band, fromEnd: 1),
                bias: cutsRows ? bias : bias?.sliced(band, fromEnd: 1),
                destination: destination.sliced(band, fromEnd: cutsRows ? 2 : 1), relu: relu, threads: 1)
        }
    }

    /// At most `count` ranges that together are `0..<extent`, as equal as blocks allow.
    private static func bands(of extent: Int, _ count: Int) -> [Range<Int>] {
        let blocks = (extent + block - 1) / block
        return (0..<count).compactMap { index in
            let start = blocks * index / count * block, end = min(blocks * (index + 1) / count * block, extent)
            return start < end ? start..<end : nil
        }
    }

    /// Bytes of scratch memory that an execution needs, those of each part on cache lines of their own.
    var scratchBytes: Int { parts.reduce(0) { $0 + Self.aligned($1.scratchBytes) } }

    private static func aligned(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }

    func useScratch(_ address: UnsafeMutableRawPointer) throws {
        var address = address
        for part in parts {
            try part.useScratch(address)
            address += Self.aligned(part.scratchBytes)
        }
    }

    /// The call that executes the product.
    func call(_ records: Records) -> KernelCall {
        let calls = records.store(parts.map { $0.call() })
        guard parts.count > 1 else { return KernelCall(function: Self.runWhole, record: calls) }
        let bands = Bands(calls: calls, count: parts.count, failed: 0)
        return KernelCall(function: Self.runBands, record: records.store(bands))
    }

    private struct Bands {
        var calls: UnsafeMutablePointer<OneDNNCall>
        var count: Int
        /// Set by any thread that fails.
        var failed: Int32
    }

    private static let runWhole: KernelCall.Function = { record, _ in
        record.assumingMemoryBound(to: OneDNNCall.self).pointee()
    }

    private static let runBands: KernelCall.Function = { record, threads in
        let bands = record.assumingMemoryBound(to: Bands.self)
        espalier_team_run(min(Int32(bands.pointee.count), threads), MatrixProduct.runBand, record)
        return bands.pointee.failed == 0 ? -1 : 0
    }

    private static let runBand: @convention(c) (UnsafeMutableRawPointer?, Int32, Int32) -> Void = {
        record, member, members in
        let bands = record!.assumingMemoryBound(to: Bands.self)
        for index in stride(from: Int(member), to: bands.pointee.count, by: Int(members))
        where bands.pointee.calls[index]() >= 0 {
            bands.pointee.failed = 1
        }
    }
}
