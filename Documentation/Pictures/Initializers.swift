import Espalier

@testable import EspalierReport

/// A histogram of what every initialiser draws, in units of 1 / sqrt(fan_in): 1 keeps the variance of a linear layer.
func initializerPictures() throws -> [Picture] {
    let examples = [
        "constant": "{constant: {value: 0.1}}", "uniform": "{uniform: {low: -0.2, high: 0.2}}",
        "normal": "{normal: {std: 0.1}}", "truncatedNormal": "{truncatedNormal: {std: 0.1}}",
        "sparse": "{sparse: {sparsity: 0.5, std: 0.1}}",
    ]
    return try Catalog.standard.initializers.entries.map { entry in
        let initializer = try Catalog.standard.initializers.read(
            YAML.parse(examples[entry.name] ?? entry.name, file: "picture"))
        let shape: Shape = initializer is Dirac ? [16, 16, 3, 3] : [100, 100]
        let fans = Fans(weight: shape)
        let drawn = initializer.values(shape, fans, key: RandomKey(seed: 0, ["picture"]))
        let unit = Double(fans.input).squareRoot()
        let histogram = Histogram(values: Reference.evaluate([drawn])[0].values.map { $0 * unit })
        return Picture(
            kind: "initializers", name: entry.name, summary: "How often \(initializer.words) draws which values",
            height: Curves.height, shapes: histogram.shapes(named: initializer.words))
    }
}

/// The share of values in bins of 0.2.
struct Histogram {
    private let shares: [Int: Double]
    private let reach: Double
    private let deviation: Double
    private static let width = 0.2

    init(values: [Double]) {
        let weight = 1 / Double(values.count)
        shares = values.reduce(into: [:]) { shares, value in
            shares[Int((value / Self.width).rounded()), default: 0] += weight
        }
        reach = max(4, (values.map(abs).max() ?? 0) + 1)
        let mean = values.reduce(0, +) * weight
        deviation = (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) * weight).squareRoot()
    }

    func shapes(named name: String) -> [Markup] {
        let frame = PlotFrame(
            size: .narrow, height: Curves.height, x: -reach...reach,
            y: Scale.fitting(Array(shares.values), anchoredAtZero: true, allowsLogarithm: false), style: .percent,
            margins: (top: 28, right: 18))
        let bars = shares.sorted { $0.key < $1.key }.map { bin, share in
            let start = frame.x.position((Double(bin) - 0.5) * Self.width)
            let end = frame.x.position((Double(bin) + 0.5) * Self.width)
            let top = frame.y.position(share)
            return SVG.rectangle(
                x: start, y: top, width: max(end - start - 0.5, 1), height: frame.bottom - top, class: "bar")
        }
        let title = "\(name): deviation \(Format.number(deviation))"
        return frame.axes(unit: "weight × √fan_in") + bars
            + [SVG.text(title, at: Point(x: frame.left, y: 16), class: "label train")]
    }
}
