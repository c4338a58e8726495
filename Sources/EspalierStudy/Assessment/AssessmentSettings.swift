import EspalierSpec

/// How much an assessment may do: `assessment:` in a configuration.
public struct AssessmentSettings: Specification {
    /// Trainings of everything that is compared.
    public var seeds = 3
    /// Of the training rows, for the learning curve over data.
    public var fractions = [0.0625, 0.125, 0.25, 0.5, 1]
    /// Times the units of hidden layers, for the curve over capacity.
    public var widths = [0.25, 0.5, 1, 2, 4]
    /// Training sets drawn with replacement, for bias and variance.
    public var bootstraps = 20
    /// Of an ensemble, and cycles of the training that snapshots are taken of.
    public var members = 5
    /// Of random layers, for each member, where the model has dropout.
    public var dropoutSamples = 30
    public var epochs: Int?
    public var seconds = 1800.0

    public static let name = "assessment"
    public static let summary = "How much an assessment may do"
    public static let fields: [Field<Self>] = [
        Field("seeds", \Self.seeds, "trainings of everything that is compared, one a seed", in: 1...50),
        Field(
            "fractions", \Self.fractions, "shares of the training rows, for the learning curve over data",
            accepting: "a list of up to 12 numbers above 0 and up to 1",
            where: { $0.count <= 12 && $0.allSatisfy { $0 > 0 && $0 <= 1 } }),
        Field(
            "widths", \Self.widths, "factors on the units of hidden layers, for the learning curve over capacity",
            accepting: "a list of up to 12 numbers above 0 and up to 64",
            where: { $0.count <= 12 && $0.allSatisfy { $0 > 0 && $0 <= 64 } }),
        Field(
            "bootstraps", \Self.bootstraps, "training sets drawn with replacement, for bias and variance; 0 for none",
            accepting: "0, or a whole number from 3 to 1000", where: { $0 == 0 || (3...1000).contains($0) }),
        Field(
            "members", \Self.members, "members of an ensemble; 0 for none",
            accepting: "0, or a whole number from 2 to 100", where: { $0 == 0 || (2...100).contains($0) }),
        Field(
            "dropoutSamples", \Self.dropoutSamples, "draws of random layers, where the model has dropout", in: 2...1000),
        Field(
            "epochs", \Self.epochs, "the most epochs of a training as it is; those of the configuration if null",
            in: 1...),
        Field("seconds", \Self.seconds, "after which nothing new is begun and what goes on is ended", in: .positive),
    ]

    public init() {}
}
