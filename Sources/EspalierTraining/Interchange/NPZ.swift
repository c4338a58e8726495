import EspalierData
import EspalierSpec

/// Named arrays in NumPy's archive, which `numpy.load` reads: a zip file of npy files, stored as they are.
public enum NPZ {
    /// Reads the arrays at `path`, making `Float` of whatever numbers they hold.
    ///
    /// PyTorch's counters `num_batches_tracked`, which no layer reads, are left out.
    ///
    /// - Throws: `EspalierError` where the file is not a whole archive of arrays.
    public static func read(_ path: String) throws -> [NamedArray] {
        try NumPyArchive.read(path) { !$0.hasSuffix("num_batches_tracked") }
            .map { NamedArray($0.name, shape: $0.shape, $0.values) }
    }

    /// Writes the arrays in their order; equal arrays give equal bytes.
    ///
    /// - Throws: `EspalierError` where a name is taken twice, the archive would have 4 GiB or more, or the file cannot be
    ///   written; the file that was there before then stays as it was.
    public static func write(_ arrays: [NamedArray], to path: String) throws {
        var names: Set<String> = []
        for array in arrays where !names.insert(array.name).inserted {
            throw EspalierError("two arrays are called \"\(array.name)\"", at: path, expected: "a name each")
        }
        let size = arrays.reduce(0) { $0 + $1.byteCount + 2 * $1.name.utf8.count + 1024 }
        guard size < Int(UInt32.max), arrays.count < Int(UInt16.max) else {
            throw EspalierError(
                "\(arrays.count) arrays of \(size) bytes do not fit into a zip archive", at: path,
                expected: "less than 4 GiB", fix: "export --format safetensors")
        }
        try AtomicFile.write(to: path) { output in
            var directory: [UInt8] = [], offset = 0
            for array in arrays {
                let contents = array.npy, name = Array("\(array.name).npy".utf8)
                let description = description(of: contents, name: name)
                // Signature, then the version that it takes to unpack.
                let header = little(0x0403_4B50, 4) + description + name
                try output.write(header)
                try output.write(contents)
                directory += little(0x0201_4B50, 4) + little(20, 2) + description
                // No comment, first disk, no attributes; then where the file's own header is.
                directory += little(0, 10) + little(offset, 4) + name
                offset += header.count + contents.count
            }
            try output.write(directory)
            let counts = little(0, 4) + little(arrays.count, 2) + little(arrays.count, 2)
            try output.write(
                little(0x0605_4B50, 4) + counts + little(directory.count, 4) + little(offset, 4) + little(0, 2))
        }
    }

    /// What a file's own header and its entry in the directory have in common (APPNOTE 6.3, from the version on).
    private static func description(of contents: [UInt8], name: [UInt8]) -> [UInt8] {
        // Version 2.0, names in UTF-8, stored, the first time there is: midnight of the first day of 1980.
        let head = little(20, 2) + little(1 << 11, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
        let checksum = little(Int(contents.withUnsafeBytes(CRC32.checksum)), 4)
        return head + checksum + little(contents.count, 4) + little(contents.count, 4) + little(name.count, 2)
            + little(0, 2)
    }

    fileprivate static func little(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * $0)) : 0 }
    }
}

extension NamedArray {
    /// As a file of NumPy's format npy, version 1.0.
    fileprivate var npy: [UInt8] {
        let type =
            switch values {
            case .float: "<f4"
            case .int32: "<i4"
            case .int64: "<i8"
            }
        let sizes = shape.map { "\($0)," }.joined(separator: " ")
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
        // The numbers begin at a multiple of 64, after a line end.
        header += String(repeating: " ", count: (64 - (header.utf8.count + 11) % 64) % 64) + "\n"
        let front = [0x93] + Array("NUMPY".utf8) + [1, 0] + NPZ.little(header.utf8.count, 2)
        return front + Array(header.utf8) + bytes
    }

    private var bytes: [UInt8] {
        switch values {
        case .float(let values): values.withUnsafeBytes { Array($0) }
        case .int32(let values): values.withUnsafeBytes { Array($0) }
        case .int64(let values): values.withUnsafeBytes { Array($0) }
        }
    }

    fileprivate var byteCount: Int {
        if case .int64 = values { return values.count * 8 }
        return values.count * 4
    }
}
