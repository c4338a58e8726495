import EspalierGraph
import Foundation

/// A made-up run folder with curves as a training would draw them.
struct SampleRun {
    var name = "digits-mlp"
    var epochs = 24
    var stepsPerEpoch = 20
    var best = 19
    var status: String? = "stoppedEarly"
    var message = "validation loss has not improved for 5 epochs"
    var isRegression = false
    var classes = (0..<10).map(String.init)
    var layers: [(path: String, layer: String, output: [Int], parameters: Int, note: String)] = [
        ("0", "Linear(64, 128)", [128], 8_320, "heNormal, bias"), ("1", "BatchNorm(128)", [128], 256, "momentum 0.9"),
        ("2", "ReLU", [128], 0, ""), ("3", "Dropout(p: 0.2)", [128], 0, ""),
        ("4", "Linear(128, 64)", [64], 8_256, "heNormal, bias"), ("5", "ReLU", [64], 0, ""),
        ("6", "Linear(64, 10)", [10], 650, "xavierNormal, bias"),
    ]
    /// Epochs whose losses are not finite.
    var lost: Set<Int> = []
    var hasConfusion = true
    var hasProbes = true
    /// Whether probes say what the layers put out, and the data was looked at.
    var hasLayers = false
    /// Whether the loss's curvature was measured.
    var hasCurvature = false
    /// `diagnosis.json` and `repair.json`.
    var diagnosis: String?
    var repair: String?
    var probeEvery = 5
    var stepEvery = 1

    var metric: String { isRegression ? "mae" : "accuracy" }

    func trainLoss(_ time: Double) -> Double { (isRegression ? 900 : 2.3) * exp(-time / 3) + 0.012 + 0.1 / (1 + time) }

    func validationLoss(_ time: Double) -> Double {
        trainLoss(time) + 0.04 + 0.03 * max(0, time - Double(best)) / 5 + 0.02 * exp(-time / 6)
    }

    func metricValue(_ loss: Double) -> Double { isRegression ? loss.squareRoot() : exp(-loss * 0.35) }

    func number(_ value: Double) -> String {
        value.isFinite ? "\(value)" : value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\""
    }

    /// The lines of `events.jsonl`.
    var events: [String] {
        var lines = [start]
        if hasLayers {
            lines.append(
                #"{"event":"baselines","time":"\#(time(0))","step":0,"epoch":0,"majority":0.1,"constantLoss":2.3,"nearestNeighbours":0.95,"linear":0.9}"#
            )
        }
        lines.append(#"{"event":"retrace","time":"\#(time(0))","function":"trainStep","reason":"first call"}"#)
        lines.append(#"{"event":"retrace","time":"\#(time(1))","function":"trainStep","reason":"last batch of 41"}"#)
        var random = RandomStream(seed: 7, name)
        for step in stride(from: 1, through: epochs * stepsPerEpoch, by: 1) {
            let progress = Double(step) / Double(stepsPerEpoch)
            let epoch = (step - 1) / stepsPerEpoch + 1
            let rate = 0.001 * pow(0.1, progress / Double(max(epochs, 8)))
            if step % stepEvery == 0 || step == 1 {
                let loss = trainLoss(progress) * exp(0.35 * random.normal())
                let norm = 1.4 * exp(-progress / 10 + 0.3 * random.normal())
                lines.append(
                    #"{"event":"step","time":"\#(time(step))","step":\#(step),"epoch":\#(epoch),"loss":\#(number(lost.contains(epoch) ? .nan : loss)),"learningRate":\#(rate),"gradientNorm":\#(norm)}"#
                )
            }
            if hasCurvature, step % 40 == 1 { lines.append(curvature(step - 1, progress, rate)) }
            if hasProbes, step % probeEvery == 0 { lines.append(probe(step, epoch, progress, &random)) }
            if step % stepsPerEpoch == 0 { lines.append(epochLine(epoch, step, rate, &random)) }
        }
        if hasConfusion { lines.append(confusion(&random)) }
        if let status {
            lines.append(
                #"{"event":"stop","time":"\#(time(epochs * stepsPerEpoch))","step":\#(epochs * stepsPerEpoch),"epoch":\#(epochs),"reason":"\#(status)","message":\#(quoted(message))}"#
            )
        }
        return lines
    }

    func write(to folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func write(_ text: String, _ file: String) throws {
            try Data(text.utf8).write(to: folder.appendingPathComponent(file))
        }
        try write(events.joined(separator: "\n") + "\n", "events.jsonl")
        try write(configuration, "config.yaml")
        if status != nil { try write(summary, "summary.json") }
        if let diagnosis { try write(diagnosis, "diagnosis.json") }
        if let repair { try write(repair, "repair.json") }
    }
}

extension SampleRun {
    func quoted(_ text: String) -> String {
        String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
    }

    private func time(_ step: Int) -> String {
        let second = step * 2 % 60, minute = step / 30 % 60
        return "2026-11-21T01:\(minute < 10 ? "0" : "")\(minute):\(second < 10 ? "0" : "")\(second).456Z"
    }

    private var start: String {
        let model = layers.map {
            #"{"path":\#(quoted($0.path)),"layer":\#(quoted($0.layer)),"output":\#($0.output),"parameters":\#($0.parameters),"note":\#(quoted($0.note))}"#
        }
        let parameters = layers.reduce(0) { $0 + $1.parameters }
        let names = isRegression ? "" : #""classes":[\#(classes.map(quoted).joined(separator: ","))],"#
        return
            #"{"event":"start","time":"\#(time(0))","step":0,"epoch":0,"name":\#(quoted(name)),"seed":7,"threads":4,"#
            + #""task":"\#(isRegression ? "regression" : "classification")",\#(names)"samples":{"train":1257,"validation":270,"test":270},"#
            + #""parameters":\#(parameters),"statistics":256,"model":[\#(model.joined(separator: ","))],"#
            + #""optimizer":"Adam(learningRate: 0.001, betas: (0.9, 0.999), eps: 1e-08)","#
            + #""schedule":{"name":"exponential","followsLoss":false,"steps":[0,240,480],"rates":[0.001,0.0003,0.0001]},"#
            + #""loss":"\#(isRegression ? "huber" : "crossEntropy")","batchSize":64}"#
    }

    private func probe(_ step: Int, _ epoch: Int, _ progress: Double, _ random: inout RandomStream) -> String {
        let trained = layers.filter { $0.parameters > 0 }
        let parameters = trained.enumerated().flatMap { index, layer in
            ["weight", "bias"].map { part in
                let depth = Double(trained.count - index)
                let norm = 0.9 * exp(-progress / 9 - depth * 0.45 + 0.25 * random.normal()) * (part == "bias" ? 0.2 : 1)
                let weight = (part == "bias" ? 0.1 : 4.0) + progress / 30
                let update = weight * 0.002 * exp(-progress / 12 + 0.1 * depth + 0.12 * random.normal())
                return
                    #"{"path":\#(quoted("\(layer.path).\(part)")),"gradientNorm":\#(norm),"weightNorm":\#(weight),"updateNorm":\#(update)}"#
            }
        }
        let outputs = hasLayers ? #","layers":[\#(outputs(progress, &random).joined(separator: ","))]"# : ""
        return
            #"{"event":"probe","time":"\#(time(step))","step":\#(step),"epoch":\#(epoch),"parameters":[\#(parameters.joined(separator: ","))]\#(outputs)}"#
    }

    private func curvature(_ step: Int, _ progress: Double, _ rate: Double) -> String {
        let largest = number(step == 80 ? .nan : 2 / 0.001 * (1 - exp(-progress / 4)))
        return
            #"{"event":"curvature","time":"\#(time(step))","step":\#(step),"epoch":1,"largestEigenvalue":\#(largest),"smallestEigenvalue":-3.5,"iterations":12,"converged":true,"samples":256,"stableBelow":\#(2 / rate),"noiseScale":\#(number(step == 120 ? .infinity : 20 * (1 + progress))),"squaredGradient":0.1,"gradientVariance":2}"#
    }

    private func outputs(_ progress: Double, _ random: inout RandomStream) -> [String] {
        layers.enumerated().map { index, layer in
            let depth = Double(layers.count - index), spread = 1 + 0.1 * random.normal()
            let shares =
                index % 2 == 0 ? #""saturated":\#(progress / 30),"silent":0.25,"dead":\#(0.5 * progress / 30),"# : ""
            let counts = (0..<24).map { bin in Int(400 * exp(-pow(Double(bin) - 12, 2) / 20)) }
            let drift = progress > 1 ? #""drift":\#(0.3 * exp(-progress / 5)),"# : ""
            return
                #"{"path":\#(quoted(layer.path)),"layer":\#(quoted(layer.layer)),"units":64,"mean":\#(0.1 * spread),"deviation":\#(spread),"unitDeviation":0.9,"gradient":\#(exp(-1.5 * depth)),\#(drift)\#(shares)"low":\#(-3 * spread),"high":\#(3 * spread),"histogram":\#(counts)}"#
        }
    }

    private func epochLine(_ epoch: Int, _ step: Int, _ rate: Double, _ random: inout RandomStream) -> String {
        let isLost = lost.contains(epoch)
        let train = isLost ? .nan : trainLoss(Double(epoch) - 0.5) * exp(0.02 * random.normal())
        let validation = isLost ? .nan : validationLoss(Double(epoch)) * exp(0.025 * random.normal())
        let values = [train, validation].map { loss in
            #"{"loss":\#(number(loss)),"\#(metric)":\#(number(metricValue(loss)))}"#
        }
        return
            #"{"event":"epoch","time":"\#(time(step))","step":\#(step),"epoch":\#(epoch),"train":\#(values[0]),"validation":\#(values[1]),"learningRate":\#(rate),"seconds":\#(0.021 * exp(0.1 * random.normal())),"clippedShare":\#(1 / Double(epoch + 1)),"lossVariation":\#(0.4 / Double(epoch))}"#
    }

    private func confusion(_ random: inout RandomStream) -> String {
        let matrix = classes.indices.map { row in
            classes.indices.map { column in
                row == column
                    ? 22 + Int(random.uniform() * 8) : random.uniform() > 0.93 ? 1 + Int(random.uniform() * 3) : 0
            }
        }
        return #"{"event":"confusion","set":"test","matrix":\#(matrix)}"#
    }

    private var summary: String {
        let loss = validationLoss(Double(best))
        return """
            {"status": "\(status ?? "")", "epochs": \(epochs), "steps": \(epochs * stepsPerEpoch),
             "best": {"epoch": \(best), "validation": {"loss": \(loss), "\(metric)": \(metricValue(loss))}},
             "test": {"loss": \(loss * 1.05), "\(metric)": \(metricValue(loss * 1.05))}, "train": {"loss": \(trainLoss(Double(best)))},
             "seconds": 0.84, "stepsPerSecond": 2140.5, "parameters": \(layers.reduce(0) { $0 + $1.parameters }), "peakBytes": 48123904}
            """
    }

    private var configuration: String {
        """
        name: \(name)
        data:
          source: digits            # 1,797 images of 8 x 8
          split: {train: 0.7, validation: 0.15, test: 0.15, seed: 1, stratify: true, shuffle: true}
          scale: standard
        model:
          - linear: {units: 128, initializer: {heNormal: {}}, bias: true}
          - batchNorm
          - relu
          - dropout: {p: 0.2}
          - linear: {units: 10}
        loss: crossEntropy
        metrics: [accuracy]
        optimizer: {adam: {learningRate: 0.001, betas: [0.9, 0.999], eps: 1e-8}}
        schedule: {exponential: {decayTo: 0.1, every: 1000}}
        gradient: {clipNorm: 1.0, clipValue: null, accumulate: 1}
        training: {epochs: 30, batchSize: 64, seed: 7}
        callbacks: [{earlyStopping: {patience: 5, minDelta: 0.0}}]
        """
    }
}

/// Calls `body` with a new folder, and removes the folder afterwards.
func withFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("espalier-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return try body(folder)
}
