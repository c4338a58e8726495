import EspalierSpec

extension DataSplit {
    /// Fills in what is missing and scales all parts, with statistics of the training rows alone, and returns the scalers.
    ///
    /// - Parameters:
    ///   - scaling: How the inputs are scaled.
    ///   - targetScaling: How the targets are scaled; nothing leaves them, and is all that classes allow.
    /// - Throws: `EspalierError` where a scaling does not suit the data, or where a number of validation or test is so
    ///   far outside the training rows' range that it is no longer finite once scaled.
    public mutating func scale(
        _ scaling: Scaling, targets targetScaling: Scaling? = nil
    ) throws -> (inputs: Scaler, targets: Scaler?) {
        let inputScaler = try fittedScaler(scaling)
        let targetScaler = try targetScaling.map { try Scaler($0, fittingTargetsOf: train) }
        try train.scale(by: inputScaler, targets: targetScaler)
        try validation?.scale(by: inputScaler, targets: targetScaler)
        try test?.scale(by: inputScaler, targets: targetScaler)
        return (inputScaler, targetScaler)
    }

    /// Fills in the training rows first: statistics are those of what the model will see.
    private mutating func fittedScaler(_ scaling: Scaling) throws -> Scaler {
        guard !train.gaps.isEmpty else { return try Scaler(scaling, fittingInputsOf: train) }
        let fills = try train.fills()
        train.samples.scale(by: Scaler(filling: fills))
        train.gaps = []
        var scaler = try Scaler(scaling, fittingInputsOf: train)
        scaler.fills = fills
        return scaler
    }
}

extension Dataset {
    /// Fills in what is missing and scales the inputs, and the target values where there is a scaler for them.
    ///
    /// - Throws: `EspalierError` naming the first number that is not finite once scaled; of samples that are read when they
    ///   are asked for, reading throws that.
    public mutating func scale(by inputScaler: Scaler, targets targetScaler: Scaler? = nil) throws {
        samples.scale(by: inputScaler)
        gaps = []
        // A range holds for all columns at once, so it survives only where all are scaled alike.
        if let range = inputRange, inputScaler.offset.count == 1 {
            inputRange =
                inputScaler.scaled(range.lowerBound, column: 0)...inputScaler.scaled(range.upperBound, column: 0)
        } else {
            inputRange = nil
        }
        if let targetScaler, case .values(var values, let width, let names) = targets {
            // Leaves `values` the only owner of its memory, so that it is scaled in place.
            targets = .values([], width: width, names: names)
            targetScaler.apply(to: &values)
            targets = .values(values, width: width, names: names)
        }
        do {
            try validate()
        } catch var error as EspalierError {
            error.what = "after scaling, \(error.what)"
            error.fix = "look at that row: it is far outside the range of the training rows"
            throw error
        }
    }
}
