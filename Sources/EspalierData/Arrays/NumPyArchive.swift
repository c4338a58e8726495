import EspalierSpec

/// Any named arrays in an archive of NumPy, such as weights; `NPZSource` reads samples.
package enum NumPyArchive {
    /// One array, the last index running fastest.
    package struct Member {
        package var name: String
        package var shape: [Int]
        package var values: [Float]
    }

    /// Reads the arrays of the archive at `path` in their order.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isWanted: Which arrays to read, by their names.
    /// - Throws: `EspalierError` where the file is not whole, two arrays have one name, or a number fits no `Float`.
    package static func read(_ path: String, where isWanted: (String) -> Bool = { _ in true }) throws -> [Member] {
        let archive = try ZipArchive(try SystemFile.read(path, kind: "npz data"), path: path)
        var names: Set<String> = []
        return try archive.entries.compactMap { entry in
            let name = entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name
            guard isWanted(name) else { return nil }
            guard names.insert(name).inserted else {
                throw EspalierError("two arrays are called \"\(name)\"", at: path, expected: "a name each")
            }
            let place = "\(path), array \"\(name)\""
            let array = try NumPyFile.array(in: archive.contents(of: entry), place: place, holdsSamples: false)
            return Member(name: name, shape: array.shape, values: try floats(array))
        }
    }

    private static func floats(_ array: NumericArray) throws -> [Float] {
        guard array.layout.element == .float64 else { return array.values(as: Float.self) }
        return try array.values(as: Double.self).map { value in
            guard Float(value).isFinite || !value.isFinite else {
                throw EspalierError(
                    "it holds \(value)", at: array.place, expected: "numbers that fit a 32-bit Float")
            }
            return Float(value)
        }
    }
}
