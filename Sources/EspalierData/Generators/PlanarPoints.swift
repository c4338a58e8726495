import EspalierGraph

/// Points of the plane with their classes, to which normal noise is added as they come.
struct PlanarPoints {
    private var inputs: [Float] = []
    private var labels: [Int32] = []
    private let noise: Double
    private var random: RandomStream

    init(noise: Double, _ random: RandomStream) {
        self.noise = noise
        self.random = random
    }

    mutating func append(_ x: Double, _ y: Double, label: Int) {
        inputs.append(Float(x + noise * random.normal()))
        inputs.append(Float(y + noise * random.normal()))
        labels.append(Int32(label))
    }

    func dataset(_ name: String, classes: Int) throws -> Dataset {
        try Dataset(
            name: name, sampleShape: [2], inputs: inputs,
            targets: .classes(labels, names: (0..<classes).map(String.init)), featureNames: ["x", "y"])
    }
}
