import EspalierTraining

/// Inputs are so large, or so small, that the first layer begins far from where it can learn.
///
/// Layers are initialised for inputs with a mean square near 1 (LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp"; He
/// et al. 2015): what the first layer puts out is that much larger, and so is its gradient. Judged is the root of the mean
/// square of all inputs, after the scaling that is configured. Up to `large` a training hardly notices with rates that suit
/// it; pixels of 0...16 are about 7, bytes 80, unscaled tables of measurements in the hundreds.
enum UnscaledInput: Check {
    static let large = 10.0
    static let tooLarge = 30.0
    /// The largest of all inputs, beside the 1 that it should be.
    static let tooSmall = 0.03

    static func findings(in picture: DataPicture) -> [Finding] {
        guard let columns = picture.columns, columns.size.isFinite, columns.size > 0 else { return [] }
        let most = columns.mean.indices.map { max(abs(columns.minimum[$0]), abs(columns.maximum[$0])) }
        guard let largest = most.indices.max(by: { most[$0] < most[$1] }) else { return [] }
        let isSmall = Double(most[largest]) < tooSmall
        guard columns.size > large || isSmall else { return [] }
        // A normalisation in front scales them by itself.
        let isScaledInside = isNormalization(picture.prepared.experiment)
        let severity: Finding.Severity = !isScaledInside && (columns.size > tooLarge || isSmall) ? .warning : .info
        return [
            Finding(
                .unscaledInput, at: picture.isTable ? picture.name(of: largest) : nil, severity,
                evidence: [
                    .init("rootMeanSquare", columns.size), .init("largest", Double(most[largest])),
                    .init("threshold", isSmall ? tooSmall : tooLarge),
                ],
                explanation:
                    "The inputs are about \(columns.size.short) in size, and the largest is \(Double(most[largest]).short). "
                    + "The first weights are drawn for inputs with mean 0 and a spread of 1: with these, the first "
                    + "layer puts out numbers \(isSmall ? "that are far too small" : "about as many times too large"), and "
                    + "no learning rate suits it and the other layers alike.",
                remedies: [.init(ScaleInputs())])
        ]
    }

    private static func isNormalization(_ experiment: Experiment) -> Bool {
        let names: Set = ["batchNorm", "layerNorm", "groupNorm", "instanceNorm", "rmsNorm"]
        let passing: Set = ["flatten", "reshape", "dropout"]
        let first = experiment.model?.lazy.map { type(of: $0).name }.first { !passing.contains($0) }
        return first.map(names.contains) ?? false
    }
}
