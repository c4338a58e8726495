import EspalierSpec

// As `events.jsonl` has it.
extension Probe {
    var entries: [(String, ConfigurationValue)] {
        [
            ("loss", .number(loss)), ("parameters", .list(parameters.map(\.configuration))),
            ("layers", .list(layers.map(\.configuration))),
        ] + (normalizations.isEmpty ? [] : [("normalizations", .list(normalizations.map(\.configuration)))])
    }

    /// Reads an event.
    ///
    /// - Throws: `EspalierError` for one that is no probe.
    package init(event: ConfigurationValue) throws {
        guard let step = event["step"]?.wholeNumber, let epoch = event["epoch"]?.wholeNumber,
            case .list(let parameters)? = event["parameters"]
        else {
            throw EspalierError(
                "a probe lacks its step, its epoch or its parameters", expected: "what a training writes")
        }
        func list(_ name: String) -> [ConfigurationValue] {
            if case .list(let values)? = event[name] { values } else { [] }
        }
        self.init(
            step: step, epoch: epoch, loss: event["loss"]?.doubleValue ?? .nan,
            parameters: parameters.compactMap(ParameterProbe.init), layers: list("layers").compactMap(LayerProbe.init),
            normalizations: list("normalizations").compactMap(NormalizationProbe.init))
    }
}

extension ParameterProbe {
    fileprivate var configuration: ConfigurationValue {
        [
            "path": .string(path), "gradientNorm": .number(gradientNorm), "weightNorm": .number(weightNorm),
            "updateNorm": .number(updateNorm),
        ]
    }

    fileprivate init?(_ value: ConfigurationValue) {
        guard let path = value["path"]?.text else { return nil }
        func number(_ name: String) -> Double { value[name]?.doubleValue ?? .nan }
        self.init(
            path: path, gradientNorm: number("gradientNorm"), weightNorm: number("weightNorm"),
            updateNorm: number("updateNorm"))
    }
}

extension LayerProbe {
    fileprivate var configuration: ConfigurationValue {
        var entries: [ConfigurationValue.Entry] = [
            .init("path", .string(path)), .init("layer", .string(layer)), .init("units", .integer(units)),
            .init("mean", .number(mean)), .init("deviation", .number(deviation)),
            .init("unitDeviation", .number(unitDeviation)), .init("gradient", .number(gradient)),
        ]
        for (name, value) in [("saturated", saturated), ("silent", silent), ("dead", dead), ("drift", drift)] {
            if let value { entries.append(.init(name, .number(value))) }
        }
        entries += [
            .init("low", .number(low)), .init("high", .number(high)),
            .init("histogram", .list(histogram.map { .integer($0) })),
        ]
        return .map(entries)
    }

    fileprivate init?(_ value: ConfigurationValue) {
        guard let path = value["path"]?.text, let layer = value["layer"]?.text, let units = value["units"]?.wholeNumber
        else { return nil }
        func number(_ name: String) -> Double { value[name]?.doubleValue ?? .nan }
        self.init(
            path: path, layer: layer, units: units, mean: number("mean"), deviation: number("deviation"),
            unitDeviation: number("unitDeviation"), gradient: number("gradient"),
            saturated: value["saturated"]?.doubleValue, silent: value["silent"]?.doubleValue,
            dead: value["dead"]?.doubleValue, histogram: [], low: number("low"), high: number("high"),
            drift: value["drift"]?.doubleValue)
        if case .list(let counts)? = value["histogram"] { histogram = counts.compactMap(\.wholeNumber) }
    }
}
