import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec

extension Dataset {
    /// What `body` makes of every sample, in inference, with the same targets: features that a smaller model is trained on.
    ///
    /// Where the lower layers of a model are frozen, this computes them once instead of in every epoch. A head that is
    /// trained on the result learns what it would on top of the frozen body (up to rounding); augmentations of inputs
    /// have no place there, as the body sees each sample once.
    ///
    /// ```swift
    /// let features = try train.features(of: trained.state)
    /// let head = try Trainer(Linear(512, 10), loss: CrossEntropyLoss(), optimizer: Adam(), sampleShape: [512])
    /// _ = try head.fit(features)
    /// ```
    ///
    /// - Parameters:
    ///   - body: The layers with their weights.
    ///   - batchSize: How many samples are computed at once.
    ///   - engine: What computes.
    /// - Throws: `EspalierError` where a feature is not finite or a sample cannot be read, `EngineError` where the body cannot be compiled.
    public func features(
        of body: ModelState, batchSize: Int = 256, engine: Engine = .current
    ) throws -> Dataset {
        var features: [Float] = [], shape: [Int] = []
        var predictors: [Int: Predictor] = [:]
        for rows in Batches(Array(0..<count), size: batchSize) {
            let predictor =
                try predictors[rows.count]
                ?? Predictor(body, sampleShape: Shape(sampleShape), batchSize: rows.count, engine: engine)
            predictors[rows.count] = predictor
            if let samples = predictor.inputs.baseAddress { try copyInputs(rows, to: samples) }
            features += try predictor.run()
            shape = Array(predictor.outputShape.dimensions.dropFirst())
        }
        return try Dataset(name: "features of \(name)", sampleShape: shape, inputs: features, targets: targets)
    }
}
