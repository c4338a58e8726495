import EspalierData
import EspalierGraph
import EspalierNN
import EspalierSpec

extension SavedModel {
    /// The model in the format of ONNX, scaling included: unscaled samples go in.
    ///
    /// Out come `logits`, what the last layer makes, and `probabilities`, one of each class; of a regression `values` in the
    /// targets' own unit. Where the last layer makes probabilities itself, they are the only output.
    ///
    /// - Throws: `EspalierError` for an operation that ONNX lacks, with the layer that it is of.
    public func onnx() throws -> ONNXModel {
        let kind: TargetKind = classNames == nil ? .values : .classes
        let loss = trainer.plans.loss
        return try ONNXModel(
            trainer.state, sampleShape: Shape(sampleShape), name: experiment.name, inputScaler: inputScaler,
            targetScaler: targetScaler, metadata: metadata, engine: trainer.plans.engine,
            outputs: { y in
                let said = loss.predictions(y, of: kind)
                guard kind == .classes else { return [("values", said)] }
                return (said == y ? [] : [("logits", y)]) + [("probabilities", said)]
            })
    }

    private var metadata: [(key: String, value: String)] {
        func list(_ texts: [String]) -> String { JSON.write(.list(texts.map { .string($0) })) }
        var entries = [("name", experiment.name), ("task", classNames == nil ? "regression" : "classification")]
        if let classNames { entries.append(("class_names", list(classNames))) }
        if !featureNames.isEmpty { entries.append(("feature_names", list(featureNames))) }
        if !targetNames.isEmpty { entries.append(("target_names", list(targetNames))) }
        return entries
    }
}
