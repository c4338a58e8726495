import EspalierSpec

/// How a picture of any size becomes one of the size that is asked for.
public enum Resizing: String, CaseIterable, ConfigurationRepresentable {
    /// Fills the size and keeps proportions: what is too long is cut off at both ends.
    case cover
    /// Fits into the size and keeps proportions: the rest is 0, half of it at either end.
    case contain
    /// Fills the size, whatever happens to proportions.
    case stretch
}

extension Picture {
    /// The picture in another size.
    ///
    /// Each pixel is a mean of those around its place, weighted by a triangle that reaches as far as the next pixel of the
    /// coarser of the two: linear interpolation where the picture grows, and no aliasing where it shrinks. The result is
    /// that of Pillow's `resize` with `BILINEAR` (`ImageOps.fit` and `ImageOps.pad` for
    /// `cover` and `contain`), which may differ by 1 where a part is cut off.
    package func resized(height: Int, width: Int, by resizing: Resizing) -> Picture {
        let own = Double(self.width) / Double(self.height), other = Double(width) / Double(height)
        switch resizing {
        case _ where (height, width) == (self.height, self.width): return self
        case .stretch: return stretched(to: height, width, rows: 0, columns: 0)
        case .cover where own >= other:
            return stretched(to: height, width, rows: 0, columns: Double(self.width) - other * Double(self.height))
        case .cover:
            return stretched(to: height, width, rows: Double(self.height) - Double(self.width) / other, columns: 0)
        case .contain where own > other:
            let rows = (Double(self.height) / Double(self.width) * Double(width)).rounded(.toNearestOrEven)
            return stretched(to: max(1, Int(rows)), width, rows: 0, columns: 0).centred(in: height, width)
        case .contain:
            let columns = (own * Double(height)).rounded(.toNearestOrEven)
            return stretched(to: height, max(1, Int(columns)), rows: 0, columns: 0).centred(in: height, width)
        }
    }

    /// - Parameters:
    ///   - cutRows: How much of the height is left away, half of it at either end.
    ///   - cutColumns: How much of the width.
    private func stretched(to height: Int, _ width: Int, rows cutRows: Double, columns cutColumns: Double) -> Picture {
        let across = Triangles(from: self.width, cut: cutColumns, to: width)
        let down = Triangles(from: self.height, cut: cutRows, to: height)
        var middle = [UInt8](repeating: 0, count: self.height * width * channels)
        for row in 0..<self.height {
            across.apply(
                to: pixels, from: row * self.width * channels, by: channels, lanes: channels, into: &middle,
                at: row * width * channels, by: channels)
        }
        var result = [UInt8](repeating: 0, count: height * width * channels)
        let stride = width * channels
        down.apply(to: middle, from: 0, by: stride, lanes: stride, into: &result, at: 0, by: stride)
        return Picture(height: height, width: width, channels: channels, pixels: result)
    }

    private func centred(in height: Int, _ width: Int) -> Picture {
        var result = [UInt8](repeating: 0, count: height * width * channels)
        let top = Int((Double(height - self.height) / 2).rounded(.toNearestOrEven))
        let left = Int((Double(width - self.width) / 2).rounded(.toNearestOrEven))
        let length = self.width * channels
        for row in 0..<self.height {
            let start = ((top + row) * width + left) * channels
            result.replaceSubrange(start..<start + length, with: pixels[(row * length)..<((row + 1) * length)])
        }
        return Picture(height: height, width: width, channels: channels, pixels: result)
    }
}

/// Along one axis: which pixels each new one is the mean of, and by which weights, in 22 bits after the point.
private struct Triangles {
    private static let bits = 22

    private var windows: [(first: Int, weights: [Int32])] = []

    init(from size: Int, cut: Double, to count: Int) {
        let scale = (Double(size) - cut) / Double(count), reach = max(1, scale)
        for index in 0..<count {
            let centre = cut / 2 + (Double(index) + 0.5) * scale
            let first = max(0, Int(centre - reach + 0.5)), end = min(size, Int(centre + reach + 0.5))
            let shares = (first..<end).map { max(0, 1 - abs((Double($0) + 0.5 - centre) / reach)) }
            let sum = shares.reduce(0, +)
            let one = Double(1 << Self.bits)
            windows.append((first, shares.map { Int32(($0 / sum * one).rounded(.toNearestOrAwayFromZero)) }))
        }
    }

    /// Replaces the pixels along the axis, each of `lanes` bytes, by as many as there are windows.
    func apply(
        to source: [UInt8], from start: Int, by step: Int, lanes: Int, into target: inout [UInt8], at place: Int,
        by targetStep: Int
    ) {
        let half: Int32 = 1 << Int32(Self.bits - 1)
        for (index, window) in windows.enumerated() {
            for lane in 0..<lanes {
                var sum = half, position = start + window.first * step + lane
                for weight in window.weights {
                    sum &+= Int32(source[position]) &* weight
                    position += step
                }
                target[place + index * targetStep + lane] = UInt8(max(0, min(255, sum >> Int32(Self.bits))))
            }
        }
    }
}
