import EspalierSpec

/// A PNG or JPEG file, told apart by its first bytes.
enum ImageFile {
    /// What a file says of its picture before any of it is decoded.
    struct Header: Equatable {
        var height: Int
        var width: Int
        /// Without opacity: 1 for grey, 3 for colours.
        var channels: Int
    }

    /// The endings of the files that are taken for images.
    static let endings: Set<String> = ["png", "jpg", "jpeg"]

    /// The most pixels of a picture: 100 million, as those of a camera of that resolution.
    static let mostPixels = 100_000_000

    /// - Throws: `EspalierError` at `path` where the file cannot be read, is no image that is read here, or is damaged.
    static func read(_ path: String) throws -> Picture {
        let bytes = try SystemFile.read(path, kind: "an image")
        return try at(path) { try picture(in: bytes) }
    }

    /// Reads no more of the file than it takes to know its size.
    ///
    /// - Throws: As `read`, where that shows this early.
    static func header(at path: String) throws -> Header {
        let file = try InputFile(path, kind: "an image")
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        bytes.removeLast(bytes.count - count)
        if let header = try? header(of: bytes), count == 4096 { return header }
        // What a camera writes about the picture may be longer than that.
        let whole = count < 4096 ? bytes : try SystemFile.read(path, kind: "an image")
        return try at(path) { try header(of: whole) }
    }

    /// - Throws: `EspalierError`, without a place.
    static func picture(in bytes: [UInt8]) throws -> Picture {
        try isPNG(bytes) ? PNGFile.picture(in: bytes) : JPEGFile.picture(in: bytes)
    }

    static func header(of bytes: [UInt8]) throws -> Header {
        try isPNG(bytes) ? PNGFile.header(of: bytes).image : JPEGFile.header(of: bytes)
    }

    private static func isPNG(_ bytes: [UInt8]) throws -> Bool {
        if bytes.starts(with: PNGFile.signature) { return true }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return false }
        throw EspalierError(
            bytes.isEmpty
                ? "the file is empty"
                : "it begins with \(bytes.prefix(4).map { "\($0)" }.joined(separator: " ")), as no PNG or JPEG file does",
            expected: "a PNG or JPEG image", fix: "convert it, or move it out of the folder")
    }

    private static func at<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as EspalierError {
            throw error.located(at: path)
        }
    }

    /// - Throws: Where a picture of that size is not read.
    static func check(height: Int, width: Int) throws {
        guard height > 0, width > 0, height <= mostPixels / width else {
            throw EspalierError(
                "the picture has \(width) x \(height) pixels", expected: "at least 1 x 1, and \(mostPixels) in all",
                fix: "scale it down, or move it out of the folder")
        }
    }

    static func damaged(_ what: String, _ format: String) -> EspalierError {
        EspalierError(
            "the image is damaged: \(what)", expected: "a whole \(format) file", fix: "copy or fetch the file again")
    }
}
