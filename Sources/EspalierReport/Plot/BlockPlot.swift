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

    private let columns = 2

    private func side(_ size: PlotSize) -> Double { size == .wide ? 18 : 11 }

    /// By how much each sample lies behind the one before it.
    private func depth(_ size: PlotSize) -> Point { Point(x: side(size) / 2, y: -side(size) / 2) }

    private func blockHeight(_ size: PlotSize) -> Double {
        74 + side(size) * Double(extents[2]) - depth(size).y * Double(extents[0])
    }

    func height(_ size: PlotSize) -> Double {
        Double((blocks.count + columns - 1) / columns) * blockHeight(size) + 4
    }

    func draw(_ size: PlotSize) -> Drawing {
        let width = size.width / Double(columns)
        let shapes = blocks.enumerated().flatMap { index, block -> [Markup] in
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            return self.shapes(
                of: block,
                at: Point(x: Double(column) * width + 16, y: Double(row + 1) * blockHeight(size) - 18), size)
        }
        return Drawing(shapes: shapes)
    }

    /// - Parameter origin: The lower left corner of the front.
    private func shapes(of block: Block, at origin: Point, _ size: PlotSize) -> [Markup] {
        let side = side(size), depth = depth(size)
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
