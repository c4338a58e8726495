import EspalierSpec

// What makes a dataset valid, and the errors for what does not.
extension Dataset {
    func validate() throws {
        try validateShape()
        try validateInputs()
        try validateTargets()
    }

    func validateTargets() throws {
        switch targets {
        case .classes(let labels, let names): try validate(labels: labels, names: names)
        case .values(let values, let width, let names): try validate(values: values, width: width, names: names)
        }
    }

    private func validateShape() throws {
        guard !sampleShape.isEmpty, sampleShape.allSatisfy({ $0 > 0 }) else {
            throw EspalierError("the sample shape is \(sampleShape)", at: name, expected: "sizes of at least 1")
        }
        if case .memory(let inputs) = samples, inputs.count % sampleSize != 0 {
            throw EspalierError(
                "\(inputs.count) numbers do not make whole samples", at: name,
                expected: "a multiple of \(sampleSize), the size of a sample of shape \(sampleShape)")
        }
        guard count > 0 else { throw EspalierError("no rows", at: name, expected: "at least one sample") }
        guard featureNames.isEmpty || featureNames.count == sampleSize else {
            throw EspalierError(
                "\(featureNames.count) feature names", at: name,
                expected: "\(sampleSize), one per number of a sample, or none")
        }
    }

    private func validateInputs() throws {
        if let range = inputRange {
            guard range.lowerBound.isFinite, range.upperBound.isFinite, range.lowerBound < range.upperBound else {
                throw EspalierError("the input range is \(range)", at: name, expected: "two different finite bounds")
            }
            if case .memory(let inputs) = samples, let index = inputs.firstIndex(where: { !range.contains($0) }) {
                throw EspalierError(
                    "the value \(inputs[index]) is outside the known range", at: inputPlace(index),
                    expected: "a number from \(range.lowerBound) to \(range.upperBound)")
            }
        } else if case .memory(let inputs) = samples, let index = firstBad(of: inputs) {
            throw notFinite(inputs[index], at: inputPlace(index))
        }
    }

    /// The first number that is neither finite nor one that may be missing.
    private func firstBad(of inputs: [Float]) -> Int? {
        guard !gaps.isEmpty else { return inputs.firstIndex { !$0.isFinite } }
        var mayBeMissing = [Bool](repeating: false, count: sampleSize)
        for position in gaps.flatMap(\.positions) { mayBeMissing[position] = true }
        return inputs.indices.first { index in
            !inputs[index].isFinite && !(inputs[index].isNaN && mayBeMissing[index % mayBeMissing.count])
        }
    }

    private func validate(labels: [Int32], names: [String]) throws {
        guard !labels.isEmpty, labels.count % count == 0 else {
            throw EspalierError(
                "\(labels.count) labels for \(count) samples", at: name,
                expected: "one per sample, or as many for each")
        }
        if let index = labels.firstIndex(where: { $0 < 0 || Int($0) >= names.count }) {
            throw EspalierError(
                "the label \(labels[index]) names no class", at: "\(name), row \(index / (labels.count / count) + 1)",
                expected: "a whole number from 0 to \(names.count - 1)")
        }
    }

    private func validate(values: [Float], width: Int, names: [String]) throws {
        guard width > 0, values.count == count * width, names.count == width else {
            throw EspalierError(
                "\(values.count) target values of width \(width) with \(names.count) names for \(count) samples",
                at: name, expected: "width values per sample, and width names")
        }
        if let index = values.firstIndex(where: { !$0.isFinite }) {
            throw notFinite(values[index], at: "\(name), row \(index / width + 1), column \"\(names[index % width])\"")
        }
    }

    /// The row and column of the input at `index`, for messages.
    func inputPlace(_ index: Int) -> String {
        "\(name), row \(index / sampleSize + 1), column \"\(featureName(index % sampleSize))\""
    }

    func notFinite(_ value: Float, at place: String) -> EspalierError {
        EspalierError(
            "the value is \(value)", at: place, expected: "a finite number",
            fix: "remove the row, or fill in what is missing")
    }
}
