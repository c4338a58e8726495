import Espalier

@testable import EspalierReport

/// Which elements of a block [N, C, H W] share their mean and variance with one of them, for every normalisation.
///
/// Nothing is drawn by rule: an element shares the statistics where the derivative of the one element by it is not zero.
/// The form of the picture is that of Wu and He 2018, "Group normalization", figure 2.
func normalizationPicture() throws -> Picture {
    let examples = [
        "layerNorm": ("{layerNorm: {shape: [6, 5]}}", "shape: [C, H·W]"),
        "groupNorm": ("{groupNorm: {groups: 2}}", "groups: 2"), "rmsNorm": ("rmsNorm", "last axis"),
    ]
    // What normalises weights has no block of values.
    let blocks = try Catalog.standard.layers.entries.filter { entry in
        (entry.type as? any LayerSpecification.Type)?.kind == .normalization
            && !entry.parameters.contains { $0.name == "layer" }
    }.map { entry in
        let specification = try Catalog.standard.layers.read(
            YAML.parse(examples[entry.name]?.0 ?? entry.name, file: "picture"))
        return (entry.name, examples[entry.name]?.1 ?? "", try sharedElements(specification))
    }
    let shapes = blocks.enumerated().flatMap { index, block in
        Block(origin: Point(x: 18 + 132 * Double(index), y: 146)).shapes(named: block.0, block.1, shared: block.2)
    }
    return Picture(
        kind: "normalizations", name: "blocks",
        summary: "Which elements of a block [N, C, H W] share their statistics under each normalisation",
        width: 14 + 132 * Double(blocks.count), height: 170, shapes: shapes)
}

/// Extents of the block: samples, channels, places.
private let extents: Shape = [4, 6, 5]

/// The elements [n, c, place] that the one in the visible corner depends on.
private func sharedElements(_ specification: any LayerSpecification) throws -> Set<[Int]> {
    let layer = try specification.makeLayer(LayerContext(input: [extents[1], extents[2]], outputs: 1))
    _ = try ModelState(layer, seed: 0)
    (layer as? any ModeDependent)?.mode = .training
    let x = Tensor.input("x", extents)
    let corner = layer(x).slice(0..<1, axis: 0).slice(extents[1] - 1..<extents[1], axis: 1)
        .slice(extents[2] - 1..<extents[2], axis: 2)
    var random = RandomStream(seed: 0, "picture")
    let values = ReferenceArray(extents) { _ in random.normal() }
    let slope = Reference.evaluate([corner.sum().gradients(by: [x])[0]], [x: values])[0]
    var shared: Set<[Int]> = []
    for n in 0..<extents[0] {
        for c in 0..<extents[1] {
            for place in 0..<extents[2] where abs(slope[[n, c, place]]) > 1e-12 { shared.insert([n, c, place]) }
        }
    }
    return shared
}

/// A block seen from its front (one sample), its right (one channel) and above (one place).
private struct Block {
    /// The lower left corner of the front.
    var origin: Point
    private let side = 13.0
    private let depth = Point(x: 7, y: -7)

    /// Where channel c, place p and sample n begin.
    private func corner(_ c: Int, _ p: Int, _ n: Int) -> Point {
        Point(
            x: origin.x + side * Double(c) + depth.x * Double(n), y: origin.y - side * Double(p) + depth.y * Double(n))
    }

    func shapes(named name: String, _ setting: String, shared: Set<[Int]>) -> [Markup] {
        let (samples, channels, places) = (extents[0], extents[1], extents[2])
        var faces: [String: String] = [:]
        func face(_ element: [Int], _ corners: [Point]) {
            let isCorner = element == [0, channels - 1, places - 1]
            let style = isCorner ? "cell one" : shared.contains(element) ? "cell shared" : "cell"
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
        let middle = side * Double(channels) / 2
        return [
            SVG.text(name, at: Point(x: origin.x + 52, y: 18), anchor: .middle),
            SVG.text(setting, at: Point(x: origin.x + 52, y: 34), anchor: .middle, class: "tick"),
            SVG.text("C", at: Point(x: origin.x + middle, y: origin.y + 14), anchor: .middle, class: "tick"),
            SVG.text(
                "H·W", at: Point(x: origin.x - 3, y: origin.y - side * Double(places) / 2), anchor: .middle,
                class: "tick",
                rotated: -90),
            SVG.text(
                "N", at: Point(x: origin.x + 2 * middle + 22, y: origin.y - 6), anchor: .middle, class: "tick"),
        ] + faces.sorted { $0.key < $1.key }.map { SVG.path($0.value, class: $0.key) }
    }
}
