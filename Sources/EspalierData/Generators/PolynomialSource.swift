import EspalierSpec

/// A polynomial of one variable with noise: y = c0 + c1 x + c2 x^2 + …, plus a normal number.
///
/// x is uniform from `low` to `high`; shape [1], one target. The default 2 x^3 - x from -1 to 1, with noise 0.1, is this
/// project's. Use it to tell bias from variance: the best error that any model can have is noise^2. Not for tasks of many
/// variables, for which there is `regression`.
public struct PolynomialSource: Generator {
    public var samples = 100
    /// The constant first, then the factor of x, of x^2, and so on.
    public var coefficients = [0.0, -1, 0, 2]
    public var low = -1.0
    public var high = 1.0
    public var noise = 0.1
    public var seed = 1

    public init() {}

    public init(
        samples: Int, coefficients: [Double] = [0, -1, 0, 2], low: Double = -1, high: Double = 1, noise: Double = 0.1,
        seed: Int = 1
    ) {
        self.samples = samples
        self.coefficients = coefficients
        self.low = low
        self.high = high
        self.noise = noise
        self.seed = seed
    }

    public static let name = "polynomial"
    public static let summary = "A polynomial of one variable with noise, generated (1 feature, 1 target)"
    public static let fields: [Field<Self>] = [
        .samples,
        Field(
            "coefficients", \Self.coefficients, "factors of 1, x, x^2 and so on",
            accepting: "a list of at least one number", where: { !$0.isEmpty }),
        Field("low", \Self.low, "lower bound of x"),
        Field("high", \Self.high, "upper bound of x"),
        .noise(\.noise, "standard deviation added to the target"),
        .seed,
    ]

    public func validate() throws {
        guard low < high else {
            throw EspalierError(
                "x is to go from \(low) to \(high)", expected: "low below high", fix: "low: -1, high: 1")
        }
    }

    public func draw() throws -> Dataset {
        var positions = stream("x"), errors = stream("noise")
        var inputs: [Float] = [], values: [Float] = []
        for _ in 0..<samples {
            // The target belongs to the x that a model is given, which has 32 bits.
            let x = Float(low + (high - low) * positions.uniform())
            inputs.append(x)
            values.append(Float(value(at: Double(x)) + noise * errors.normal()))
        }
        return try Dataset(
            name: Self.name, sampleShape: [1], inputs: inputs, targets: .values(values, width: 1, names: ["y"]),
            featureNames: ["x"])
    }

    /// The polynomial without noise (Horner's rule).
    public func value(at x: Double) -> Double { coefficients.reversed().reduce(0) { $0 * x + $1 } }
}
