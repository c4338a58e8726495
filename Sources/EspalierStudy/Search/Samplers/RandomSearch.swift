import EspalierSpec

/// Each trial is drawn evenly from the ranges, whatever came of the others.
///
/// Trial i follows from the study's seed and i alone, so a study comes to the same trials with any number of them side by
/// side, and through any interruption.
///
/// Source: Bergstra and Bengio 2012, "Random search for hyper-parameter optimization".
///
/// Use it as the yardstick, and where the trials have to be the same however they are carried out; not where a trial is
/// dear and there are more than some ten of them: `tpe` finds better ones.
public struct RandomSearch: Sampler {
    public static let name = "random"
    public static let summary = "Each trial evenly from the ranges, by the seed and its number alone"
    public static let fields: [Field<Self>] = []

    public init() {}

    public func draw(
        _ number: Int, in space: SearchSpace, seed: UInt64, after trials: [ObservedTrial]
    ) -> [Double] {
        space.random(number, seed: seed)
    }
}
