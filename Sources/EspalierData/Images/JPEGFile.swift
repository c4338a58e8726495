import EspalierSpec

/// A JPEG file (ITU-T T.81) of 8 bits by Huffman codes, sequential or progressive, in grey or in three colours.
///
/// The pixels are those of libjpeg with its defaults: the accurate integer transform, chroma interpolated by a triangle
/// ("fancy upsampling"). A picture is turned as its EXIF data asks. Four colours, arithmetic codes, lossless and 12-bit
/// files are refused; so is a file that ends early.
enum JPEGFile {
    /// - Throws: `EspalierError`, without a place, where the file is damaged, too large, or of a kind that is not read.
    static func picture(in bytes: [UInt8]) throws -> Picture {
        var decoder = try JPEGDecoder(bytes)
        try decoder.readScans()
        return try JPEGColours(decoder).picture.oriented(by: decoder.orientation)
    }

    static func header(of bytes: [UInt8]) throws -> ImageFile.Header {
        let decoder = try JPEGDecoder(bytes), frame = decoder.frame
        let isTurned = decoder.orientation >= 5
        return ImageFile.Header(
            height: isTurned ? frame.width : frame.height, width: isTurned ? frame.height : frame.width,
            channels: frame.components.count)
    }

    static func damaged(_ what: String) -> EspalierError { ImageFile.damaged(what, "JPEG") }

    static let truncated = damaged("it ends early")

    static func unsupported(_ what: String) -> EspalierError {
        EspalierError(
            "the JPEG image \(what)", expected: "8 bits by Huffman codes, in grey or in three colours",
            fix: "convert it, as by: convert IN -colorspace sRGB OUT.png")
    }
}

/// What the header of a frame says: the picture's size and how its components are cut into blocks of 8 x 8.
struct JPEGFrame {
    struct Component {
        var identifier: UInt8
        /// Samples along each axis where the component with most has `JPEGFrame.largest`.
        var across: Int
        var down: Int
        var table: Int
        /// Of the picture itself, in samples.
        var width = 0
        var height = 0
        /// In blocks, filled up to whole groups of blocks of all components.
        var blocksWide = 0
        var blocksHigh = 0
        /// Where the coefficients begin among those of all components.
        var start = 0
    }

    var height: Int
    var width: Int
    var isProgressive: Bool
    var components: [Component]

    var largestAcross: Int { components.map(\.across).max() ?? 1 }
    var largestDown: Int { components.map(\.down).max() ?? 1 }
    /// How many groups of blocks lie beside each other.
    var groupsWide: Int { (width + 8 * largestAcross - 1) / (8 * largestAcross) }
    var groupsHigh: Int { (height + 8 * largestDown - 1) / (8 * largestDown) }
    var blockCount: Int { components.reduce(0) { $0 + $1.blocksWide * $1.blocksHigh } }

    /// - Parameters:
    ///   - marker: Of the segment, which says how the picture is coded.
    ///   - content: Precision, height, width, then three bytes for each component.
    init(marker: UInt8, _ content: ArraySlice<UInt8>) throws {
        switch marker {
        case 0xC0, 0xC1, 0xC2: isProgressive = marker == 0xC2
        case 0xC3, 0xC7, 0xCB, 0xCF: throw JPEGFile.unsupported("is coded without loss")
        case 0xC9, 0xCA, 0xCD, 0xCE: throw JPEGFile.unsupported("has arithmetic codes")
        default: throw JPEGFile.unsupported("is one of several sizes")
        }
        let fields = Array(content)
        guard fields.count >= 6, fields.count == 6 + 3 * Int(fields[5]) else {
            throw JPEGFile.damaged("the header of its frame has \(fields.count) bytes")
        }
        guard fields[0] == 8 else { throw JPEGFile.unsupported("has \(fields[0]) bits") }
        height = Int(fields[1]) << 8 | Int(fields[2])
        width = Int(fields[3]) << 8 | Int(fields[4])
        try ImageFile.check(height: height, width: width)
        guard fields[5] == 1 || fields[5] == 3 else { throw JPEGFile.unsupported("has \(fields[5]) components") }
        components = stride(from: 6, to: fields.count, by: 3).map { index in
            let sampling = fields[index + 1], table = Int(fields[index + 2])
            return Component(
                identifier: fields[index], across: Int(sampling >> 4), down: Int(sampling & 15), table: table)
        }
        try measure()
    }

    private mutating func measure() throws {
        // One component has nothing to be sampled against.
        if components.count == 1 { (components[0].across, components[0].down) = (1, 1) }
        let across = largestAcross, down = largestDown
        var start = 0
        for index in components.indices {
            var component = components[index]
            guard (1...4).contains(component.across), (1...4).contains(component.down), component.table < 4,
                across % component.across == 0, down % component.down == 0
            else {
                throw JPEGFile.unsupported("has a component sampled \(component.across) x \(component.down)")
            }
            component.width = (width * component.across + across - 1) / across
            component.height = (height * component.down + down - 1) / down
            component.blocksWide = groupsWide * component.across
            component.blocksHigh = groupsHigh * component.down
            component.start = start
            start += 64 * component.blocksWide * component.blocksHigh
            components[index] = component
        }
    }
}
