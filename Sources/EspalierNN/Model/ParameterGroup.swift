import EspalierSpec

/// Parameters that are trained otherwise than the rest, by their names: one of `groups:` in a configuration.
///
/// A parameter belongs to the first group whose pattern covers its path (`0.weight`). With
///
///     groups:
///       - {match: [0, 1, 2], frozen: true, unfreezeAt: 5, rateFactor: 0.1}
///
/// layers 0 to 2 stay as they are for four epochs and then learn at a tenth of the rate. No gradient is computed for what
/// is frozen, nor for what lies before the first layer that learns.
///
/// Use it for layers that were trained elsewhere: frozen while the new ones above them are still random, then at a
/// small rate. Not against overfitting in general, for which penalties are.
public struct ParameterGroup: Specification {
    public var match: NamePatterns = "*"
    /// Times the learning rate.
    public var rateFactor = 1.0
    /// Whether coupled penalties and weight decay fall on it as on others.
    public var decays = true
    public var frozen = false
    public var unfreezeAt: Int?
    /// Whether normalisations among frozen layers go on measuring, and dropout on dropping.
    public var frozenLayersTrain = false

    public static let name = "group"
    public static let summary = "Parameters that are trained otherwise than the rest, by their names"
    public static let fields = [
        Field("match", \Self.match, "the parameters' paths, as patterns", required: true),
        Field("rateFactor", \Self.rateFactor, "times the learning rate", in: .positive),
        Field("decays", \Self.decays, "whether penalties and weight decay fall on it as on other parameters"),
        Field("frozen", \Self.frozen, "whether it stays as it is"),
        Field(
            "unfreezeAt", \Self.unfreezeAt, "the epoch in which what is frozen begins to learn; null for never",
            in: 2...),
        Field(
            "frozenLayersTrain", \Self.frozenLayersTrain,
            "whether frozen layers use batch statistics and dropout as in training; else they do as in inference"),
    ]

    public init() {}

    public init(
        match: NamePatterns, rateFactor: Double = 1, decays: Bool = true, frozen: Bool = false, unfreezeAt: Int? = nil,
        frozenLayersTrain: Bool = false
    ) {
        self.match = match
        self.rateFactor = rateFactor
        self.decays = decays
        self.frozen = frozen
        self.unfreezeAt = unfreezeAt
        self.frozenLayersTrain = frozenLayersTrain
    }

    public func validate() throws {
        if unfreezeAt != nil, !frozen {
            throw EspalierError(
                "group \(match): unfreezeAt is given for what is not frozen", expected: "frozen: true beside it",
                fix: "frozen: true, or leave unfreezeAt out")
        }
    }

    /// Whether it learns in `epoch`, from 1.
    public func learns(in epoch: Int) -> Bool { !frozen || unfreezeAt.map { epoch >= $0 } ?? false }
}

extension [ParameterGroup] {
    /// The number of the group that a parameter belongs to; nothing for the rest.
    public func index(of path: String) -> Int? { firstIndex { $0.match.cover(path) } }

    /// - Throws: `EspalierError` for a group without a parameter, and where nothing is left to learn in an epoch.
    public func validate(for paths: [String]) throws {
        let indices = paths.map { index(of: $0) }
        for (number, group) in enumerated() where !indices.contains(number) {
            let isTaken = paths.contains(where: group.match.cover)
            throw EspalierError(
                "group \(group.match) has no parameter" + (isTaken ? " that an earlier group does not have" : ""),
                at: "groups.\(number)", expected: "a pattern of \(paths.joined(separator: ", "))",
                fix: nearest(to: group.match.patterns.first ?? "", among: paths).map { "did you mean \"\($0)\"?" })
        }
        guard !indices.contains(where: { $0.map { self[$0].learns(in: 1) } ?? true }) else { return }
        throw EspalierError(
            "every parameter is frozen in the first epoch, so nothing is trained", at: "groups",
            expected: "at least one parameter that learns", fix: "a narrower match")
    }
}
