/// Blocks of values [samples, channels, places], with the elements that share their statistics with one of them.
///
/// Each is seen from its front (one sample), its right (one channel) and above (one place). The form is that of Wu and He
/// 2018, "Group normalization", figure 2.
struct BlockPlot: Plot {
    struct Block: Sendable {
        var name: String
        var detail: String
        /// Each [sample, channel, place].
        var shared: Set<[Int]>
    }

    var id: String
    var summary: String
    /// Samples, channels, places.
    var extents: [Int]
    var blocks: [Block]

    // Nothing is to be read off.
    var data: String? { nil }

    private let side = 12.0, depth = Point(x: 6.5, y: -6.5)

    private func columns(_ size: PlotSize) -> Int { size == .wide ? 4 : 2 }
    private var blockHeight: Double { 54 + side * Double(extents[2]) - depth.y * Double(extents[0]) + 20 }

    func height(_ size: PlotSize) -> Double {
        Double((blocks.count + columns(size) - 1) / columns(size)) * blockHeight + 4
    }

    func draw(_ size: PlotSize) -> Drawing {
        let width = size.width / Double(columns(size))
        let shapes = blocks.enumerated().flatMap { index, block -> [Markup] in
            let (row, column) = index.quotientAndRemainder(dividingBy: columns(size))
            return self.shapes(
                of: block,
                at: Point(
                    x: Double(column) * width + 16, y: Double(row + 1) * blockHeight - 18), width: width)
        }
        return Drawing(shapes: shapes)
    }

    /// - Parameter origin: The lower left corner of the front.
    private func shapes(of block: Block, at origin: Point, width: Double) -> [Markup] {
        func corner(_ c: Int, _ p: Int, _ n: Int) -> Point {
            Point(
                x: origin.x + side * Double(c) + depth.x * Double(n),
                y: origin.y - side * Double(p) + depth.y * Double(n))
        }
        let (samples, channels, places) = (extents[0], extents[1], extents[2])
        var faces: [String: String] = [:]
        func face(_ element: [Int], _ corners: [Point]) {
            let isCorner = element == [0, channels - 1, places - 1]
            let style = isCorner ? "cell one" : block.shared.contains(element) ? "cell shared" : "cell"
            faces[style, default: ""] += SVG.polyline(corners) + "Z"
        }
        for c in 0..<channels {
            for p in 0..<places {
                face([0, c, p], [corner(c, p, 0), corner(c + 1, p, 0), corner(c + 1, p + 1, 0), corner(c, p + 1, 0)])
            }
        }
        for n in 0..<samples {
            for p in 0..<places {
                let c = channels
                face(
                    [n, c - 1, p], [corner(c, p, n), corner(c, p, n + 1), corner(c, p + 1, n + 1), corner(c, p + 1, n)])
            }
            for c in 0..<channels {
                let p = places
                face(
                    [n, c, p - 1], [corner(c, p, n), corner(c + 1, p, n), corner(c + 1, p, n + 1), corner(c, p, n + 1)])
            }
        }
        let top = origin.y - side * Double(places) + depth.y * Double(samples), middle = side * Double(channels) / 2
        return [
            SVG.text(block.name, at: Point(x: origin.x, y: top - 26), class: "label"),
            SVG.text(block.detail, at: Point(x: origin.x, y: top - 10), class: "tick"),
            SVG.text("channels", at: Point(x: origin.x + middle, y: origin.y + 14), anchor: .middle, class: "tick"),
            SVG.text(
                "places", at: Point(x: origin.x - 5, y: origin.y - side * Double(places) / 2), anchor: .middle,
                class: "tick", rotated: -90),
        ] + faces.sorted { $0.key < $1.key }.map { SVG.path($0.value, class: $0.key) }
    }
}
