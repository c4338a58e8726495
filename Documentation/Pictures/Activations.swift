import Espalier

@testable import EspalierReport

/// Every activation with its derivative, as it is in inference and before the first step.
func activationPictures() throws -> [Picture] {
    try Catalog.standard.layers.entries.filter { entry in
        (entry.type as? any LayerSpecification.Type)?.kind == .activation
    }.map { entry in
        let specification = try Catalog.standard.layers.read(YAML.parse(entry.name, file: "picture"))
        let layer = try specification.makeLayer(LayerContext(input: [2], outputs: 2))
        _ = try ModelState(layer, seed: 0)
        let places = (-400...400).map { Double($0) / 80 }
        let (values, slopes) = response(of: layer, at: places)
        let curves = Curves(
            unit: axis(of: layer), x: -5...5, limits: -5...5,
            curves: [
                .init(name: "\(entry.name)", style: "train", points: points(places, values)),
                .init(name: "derivative", style: "validation", points: points(places, slopes)),
            ])
        return Picture(
            kind: "activations", name: entry.name, summary: "\(entry.name) and its derivative", height: Curves.height,
            shapes: curves.shapes)
    }
}

/// What an activation makes of one number beside another, and its derivative by that number.
///
/// Only those that work along an axis see the other: a softmax has one of zero beside x, a gated unit x as its gate.
private func response(of layer: any Layer, at places: [Double]) -> (values: [Double], slopes: [Double]) {
    let x = Tensor.input("x", Shape([places.count, 1]))
    let pair = Tensor.concatenate(layer is GLU ? [.ones(x.shape), x] : [x, .zeros(x.shape)], axis: 1)
    let y = layer(pair).slice(0..<1, axis: 1)
    let results = Reference.evaluate([y, y.sum().gradients(by: [x])[0]], [x: ReferenceArray(x.shape, places)])
    return (results[0].values, results[1].values)
}

private func axis(of layer: any Layer) -> String {
    switch layer {
    case is GLU: "gate b, for a = 1"
    case is SoftmaxLayer, is LogSoftmaxLayer: "x, beside a value of 0"
    default: "x"
    }
}
