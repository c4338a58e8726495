import EspalierSpec

/// The rows of a PNG image: how they lie in the unpacked data, and what their bytes mean.
struct PNGScanlines {
    private let header: PNGFile.Header
    private let palette: [UInt8]
    /// The opacity of the palette's first colours.
    private let paletteOpacity: [UInt8]
    /// The one value that is transparent.
    private let transparent: [Int]?

    /// Every how manieth row and column a pass has, and from which.
    private struct Pass {
        var top = 0, left = 0, down = 1, right = 1

        func size(of header: PNGFile.Header) -> (rows: Int, columns: Int) {
            let rows = (header.height - top + down - 1) / down, columns = (header.width - left + right - 1) / right
            return rows > 0 && columns > 0 ? (rows, columns) : (0, 0)
        }
    }

    /// The seven passes of Adam Costello's interlacing.
    private static let adam7 = [
        Pass(down: 8, right: 8), Pass(left: 4, down: 8, right: 8), Pass(top: 4, down: 8, right: 4),
        Pass(left: 2, down: 4, right: 4), Pass(top: 2, down: 4, right: 2), Pass(left: 1, down: 2, right: 2),
        Pass(top: 1, down: 2, right: 1),
    ]

    private var passes: [Pass] { header.isInterlaced ? Self.adam7 : [Pass()] }

    /// - Parameters:
    ///   - palette: What `PLTE` holds.
    ///   - opacity: What `tRNS` holds.
    init(_ header: PNGFile.Header, palette: [UInt8], opacity: [UInt8]?) throws {
        self.header = header
        self.palette = palette
        let isPalette = header.type == .palette
        guard !isPalette || !palette.isEmpty && palette.count % 3 == 0 && palette.count <= 768 else {
            throw ImageFile.damaged("its palette has \(palette.count) bytes", "PNG")
        }
        paletteOpacity = isPalette ? opacity ?? [] : []
        guard let opacity, header.type == .grey || header.type == .colour else {
            transparent = nil
            return
        }
        guard opacity.count == 2 * header.type.samples else {
            throw ImageFile.damaged("its transparent colour has \(opacity.count) bytes", "PNG")
        }
        transparent = stride(from: 0, to: opacity.count, by: 2).map {
            Int(opacity[$0]) << 8 | Int(opacity[$0 + 1])
        }
    }

    /// How many bytes all rows take, each with the number of its filter before it.
    var byteCount: Int {
        passes.reduce(0) { sum, pass in
            let (rows, columns) = pass.size(of: header)
            return sum + rows * (1 + rowBytes(columns))
        }
    }

    private var bitsPerPixel: Int { header.depth * header.type.samples }

    private func rowBytes(_ columns: Int) -> Int { (columns * bitsPerPixel + 7) / 8 }

    private var hasOpacity: Bool {
        transparent != nil || !paletteOpacity.isEmpty || header.type == .greyWithOpacity
            || header.type == .colourWithOpacity
    }

    /// - Parameter data: As many bytes as `byteCount` says.
    func picture(from data: [UInt8]) throws -> Picture {
        let channels = header.image.channels + (hasOpacity ? 1 : 0)
        var pixels = [UInt8](repeating: 0, count: header.height * header.width * channels)
        var position = 0
        for pass in passes {
            let (rows, columns) = pass.size(of: header), length = rowBytes(columns)
            var row = [UInt8](repeating: 0, count: length), before = row
            for line in 0..<rows {
                swap(&row, &before)
                row.replaceSubrange(0..<length, with: data[(position + 1)..<(position + 1 + length)])
                try Self.undo(filter: data[position], &row, before, pixel: max(1, bitsPerPixel / 8))
                position += 1 + length
                let start = ((pass.top + line * pass.down) * header.width + pass.left) * channels
                try write(row, columns, to: &pixels, from: start, by: pass.right * channels, channels)
            }
        }
        return Picture(height: header.height, width: header.width, channels: channels, pixels: pixels)
    }

    /// A filter stores what is left of each byte after a guess by those to the left, above, and above to the left.
    private static func undo(filter: UInt8, _ row: inout [UInt8], _ above: [UInt8], pixel: Int) throws {
        switch filter {
        case 0: break
        case 1: for index in stride(from: pixel, to: row.count, by: 1) { row[index] &+= row[index - pixel] }
        case 2: for index in row.indices { row[index] &+= above[index] }
        case 3:
            for index in row.indices {
                let left = index < pixel ? 0 : Int(row[index - pixel])
                row[index] &+= UInt8((left + Int(above[index])) / 2)
            }
        case 4:
            for index in row.indices {
                let left = index < pixel ? 0 : Int(row[index - pixel])
                let corner = index < pixel ? 0 : Int(above[index - pixel])
                row[index] &+= UInt8(paeth(left, Int(above[index]), corner))
            }
        default: throw ImageFile.damaged("a row with the filter \(filter)", "PNG")
        }
    }

    /// Whichever neighbour is nearest to left + above - corner (Alan Paeth).
    @inline(__always)
    static func paeth(_ left: Int, _ above: Int, _ corner: Int) -> Int {
        let toLeft = abs(above - corner), toAbove = abs(left - corner), toCorner = abs(left + above - 2 * corner)
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner
    }

    private func write(
        _ row: [UInt8], _ columns: Int, to pixels: inout [UInt8], from start: Int, by step: Int, _ channels: Int
    ) throws {
        let samples = header.type.samples
        if header.depth == 8, header.type != .palette, channels == samples, step == channels {
            pixels.replaceSubrange(start..<start + row.count, with: row)
            return
        }
        for column in 0..<columns {
            let target = start + column * step
            if header.type == .palette {
                try writeColour(value(row, column), to: &pixels, at: target, channels)
                continue
            }
            var isTransparent = true
            for sample in 0..<samples {
                let value = value(row, column * samples + sample)
                pixels[target + sample] = byte(value)
                if let transparent, transparent[sample] != value { isTransparent = false }
            }
            if transparent != nil { pixels[target + samples] = isTransparent ? 0 : 255 }
        }
    }

    private func writeColour(_ number: Int, to pixels: inout [UInt8], at target: Int, _ channels: Int) throws {
        guard 3 * number < palette.count else {
            throw ImageFile.damaged("colour \(number) of a palette of \(palette.count / 3)", "PNG")
        }
        for channel in 0..<3 { pixels[target + channel] = palette[3 * number + channel] }
        if channels == 4 { pixels[target + 3] = number < paletteOpacity.count ? paletteOpacity[number] : 255 }
    }

    /// Number `index` of a row, as the file has it.
    @inline(__always)
    private func value(_ row: [UInt8], _ index: Int) -> Int {
        switch header.depth {
        case 8: return Int(row[index])
        case 16: return Int(row[2 * index]) << 8 | Int(row[2 * index + 1])
        default:
            let bit = index * header.depth
            return Int(row[bit >> 3]) >> (8 - header.depth - bit & 7) & (1 << header.depth - 1)
        }
    }

    @inline(__always)
    private func byte(_ value: Int) -> UInt8 {
        switch header.depth {
        case 8: UInt8(value)
        case 16: UInt8(value >> 8)
        default: UInt8(value * 255 / (1 << header.depth - 1))
        }
    }
}
