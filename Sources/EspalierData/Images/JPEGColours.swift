import EspalierSpec

/// From the coefficients of a JPEG file to its picture: samples, chroma at the full size, colours.
struct JPEGColours {
    private struct Plane {
        let component: JPEGFrame.Component
        /// Rows of whole blocks.
        let samples: [UInt8]
        var stride: Int { 8 * component.blocksWide }
    }

    private let frame: JPEGFrame
    private let planes: [Plane]
    /// Whether the components are luma and two differences of colour, and not red, green and blue.
    private let hasChroma: Bool

    init(_ decoder: JPEGDecoder) throws {
        frame = decoder.frame
        planes = try frame.components.map { component in
            guard let steps = decoder.steps[component.table] else {
                throw JPEGFile.damaged("the table of quantisation \(component.table) is missing")
            }
            let transform = JPEGTransform(steps: steps), stride = 8 * component.blocksWide
            var samples = [UInt8](repeating: 0, count: stride * 8 * component.blocksHigh)
            for row in 0..<component.blocksHigh {
                for column in 0..<component.blocksWide {
                    let start = component.start + 64 * (row * component.blocksWide + column)
                    transform.write(
                        decoder.coefficients, from: start, to: &samples, at: 8 * (row * stride + column),
                        stride: stride)
                }
            }
            return Plane(component: component, samples: samples)
        }
        // By Adobe's marker where it is there; else letters for names mean what they say.
        let names = frame.components.map(\.identifier)
        hasChroma = decoder.adobeTransform.map { $0 != 0 } ?? (decoder.isJFIF || names != Array("RGB".utf8))
    }

    var picture: Picture {
        let (height, width, channels) = (frame.height, frame.width, planes.count)
        var pixels = [UInt8](repeating: 0, count: height * width * channels)
        var rows = planes.map { _ in [UInt8](repeating: 0, count: width) }
        for row in 0..<height {
            for index in planes.indices { expand(planes[index], row, into: &rows[index]) }
            let start = row * width * channels
            if channels == 1 {
                pixels.replaceSubrange(start..<start + width, with: rows[0])
            } else {
                write(rows[0], rows[1], rows[2], to: &pixels, from: start)
            }
        }
        return Picture(height: height, width: width, channels: channels, pixels: pixels)
    }

    /// Red, green and blue of a row (ITU-R BT.601, in the range of JFIF), by whole numbers of 16 bits after the point.
    private func write(
        _ first: [UInt8], _ second: [UInt8], _ third: [UInt8], to pixels: inout [UInt8], from start: Int
    ) {
        func byte(_ value: Int32) -> UInt8 { UInt8(max(0, min(255, value))) }
        for column in 0..<frame.width {
            let place = start + 3 * column
            guard hasChroma else {
                (pixels[place], pixels[place + 1], pixels[place + 2]) = (first[column], second[column], third[column])
                continue
            }
            let luma = Int32(first[column]), blue = Int32(second[column]) - 128, red = Int32(third[column]) - 128
            pixels[place] = byte(luma + (91881 * red + 32768) >> 16)
            pixels[place + 1] = byte(luma + (32768 - 22554 * blue - 46802 * red) >> 16)
            pixels[place + 2] = byte(luma + (116130 * blue + 32768) >> 16)
        }
    }

    /// One row of the picture's size of a component that may have fewer samples.
    ///
    /// Twice as many along an axis are interpolated: each lies a quarter from the nearer of two samples, and has 3/4 of that
    /// and 1/4 of the other. Any other number is repeated; so is half a width of one or two samples, as libjpeg does.
    private func expand(_ plane: Plane, _ row: Int, into line: inout [UInt8]) {
        let component = plane.component
        let across = frame.largestAcross / component.across, down = frame.largestDown / component.down
        let interpolates = across <= 2 && down <= 2 && (across == 1 || component.width > 2)
        func start(_ row: Int) -> Int { max(0, min(component.height - 1, row)) * plane.stride }
        let near = start(row / down)
        guard interpolates, across * down > 1 else {
            for column in line.indices { line[column] = plane.samples[near + column / across] }
            return
        }
        let far = down == 2 ? start(row % 2 == 0 ? row / 2 - 1 : row / 2 + 1) : near
        if across == 1 {
            let half = row % 2 == 0 ? 1 : 2
            for column in line.indices {
                let sum = 3 * Int(plane.samples[near + column]) + Int(plane.samples[far + column])
                line[column] = UInt8((sum + half) / 4)
            }
            return
        }
        // Of both axes at once there are sixteenths, of one there are quarters.
        let (weight, halves) = down == 2 ? (16, (8, 7)) : (4, (1, 2))
        func sample(_ column: Int) -> Int {
            let value = Int(plane.samples[near + column])
            return down == 2 ? 3 * value + Int(plane.samples[far + column]) : value
        }
        let last = component.width - 1
        var (before, here) = (sample(0), sample(0))
        for column in 0...last {
            let after = sample(min(last, column + 1))
            line[2 * column] = UInt8((3 * here + before + halves.0) / weight)
            if 2 * column + 1 < line.count { line[2 * column + 1] = UInt8((3 * here + after + halves.1) / weight) }
            (before, here) = (here, after)
        }
    }
}
