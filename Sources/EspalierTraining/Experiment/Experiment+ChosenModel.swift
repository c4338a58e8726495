import EspalierData
import EspalierNN

extension Experiment {
    /// The layers for data about which nothing more is said: one hidden layer of rectified linear units, as wide as
    /// the training rows can be expected to determine.
    ///
    /// | training rows | layers |
    /// | --- | --- |
    /// | below 500 | linear 32, relu, linear auto |
    /// | below 10,000 | linear 128, relu, dropout 0.2, linear auto |
    /// | from 10,000 | linear 256, relu, dropout 0.2, linear 128, relu, linear auto |
    ///
    /// One hidden layer can follow any continuous function (Hornik 1991), and on tables a second one rarely pays
    /// before there are many rows. Rows are what limits the width: few of them leave most weights of a wide layer to
    /// chance. Dropout makes up for choosing the width without having seen the data; 32 units are too few to lose any.
    /// With a model chosen so, target values are scaled to mean 0 and variance 1: outputs start around that size, and
    /// a price in the thousands would take most of a training to be reached. The numbers are this project's.
    ///
    /// - Parameters:
    ///   - rows: How many rows are trained on.
    ///   - isFlat: Whether samples have one axis; others are flattened first.
    public static func chosenModel(rows: Int, isFlat: Bool) -> [any LayerSpecification] {
        let first: [any LayerSpecification] = isFlat ? [] : [FlattenSpecification()]
        let hidden: [any LayerSpecification] =
            switch rows {
            case ..<500: [linear(32), ReLUSpecification()]
            case ..<10_000: [linear(128), ReLUSpecification(), dropout]
            default: [linear(256), ReLUSpecification(), dropout, linear(128), ReLUSpecification()]
            }
        return first + hidden + [LinearSpecification()]
    }

    private static func linear(_ units: Int) -> LinearSpecification {
        var layer = LinearSpecification()
        layer.units = .count(units)
        return layer
    }

    private static var dropout: DropoutSpecification {
        var layer = DropoutSpecification()
        layer.p = 0.2
        return layer
    }
}
