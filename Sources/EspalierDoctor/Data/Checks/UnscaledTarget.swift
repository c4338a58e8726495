import EspalierNN
import EspalierTraining

/// Target values are far larger, or far smaller, than what a network begins with.
///
/// Outputs begin at a size of about 1. A loss of differences then has gradients as large as the targets, and weights
/// have to grow by as much before the answers are anywhere near (Bishop 1995, "Neural networks for pattern recognition",
/// section 8.2). Judged is the root of the mean square of the targets as the loss sees them. Losses that look only at
/// directions or probabilities do not mind.
enum UnscaledTarget: Check {
    static let large = 10.0
    static let tooLarge = 100.0
    static let tooSmall = 0.01

    static func findings(in picture: DataPicture) -> [Finding] {
        guard case .values(let values, let width, let names) = picture.prepared.data.train.targets,
            type(of: picture.prepared.loss).targetRange == nil, !(picture.prepared.loss is CosineLoss)
        else { return [] }
        var squares = [Double](repeating: 0, count: width)
        for (index, value) in values.enumerated() { squares[index % width] += Double(value) * Double(value) }
        let sizes = squares.map { ($0 / Double(values.count / width)).squareRoot() }
        guard let column = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) else { return [] }
        let size = sizes[column]
        guard size.isFinite, size > large || (size > 0 && size < tooSmall) else { return [] }
        return [
            Finding(
                .unscaledTarget, at: names[column], size > tooLarge || size < tooSmall ? .warning : .info,
                evidence: [
                    .init("rootMeanSquare", size), .init("threshold", size < tooSmall ? tooSmall : tooLarge),
                ],
                explanation:
                    "The targets of \(names[column]) are about \(size.short) in size. A network begins with outputs of "
                    + "about 1, so its errors and with them its gradients are "
                    + (size < 1 ? "far too small to learn from" : "as large as the targets")
                    + "; the targets should have mean 0 and a spread of 1.",
                remedies: [.init(ScaleTargets())])
        ]
    }
}
