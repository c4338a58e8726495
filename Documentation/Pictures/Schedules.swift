import Espalier

@testable import EspalierReport

/// Every schedule over a training of 1,000 steps in 100 epochs.
func schedulePictures() throws -> [Picture] {
    // What has no default is chosen so that the form can be seen.
    let examples = [
        "piecewise": "{piecewise: {boundaries: [200, 500, 800], factors: [1, 0.5, 0.2, 0.05]}}",
        "step": "{step: {every: 250, decayTo: 0.5}}", "multiStep": "{multiStep: {milestones: [300, 700]}}",
        "exponential": "{exponential: {every: 500}}", "power": "{power: {timescale: 100}}",
        "polynomial": "{polynomial: {power: 2}}", "cosineWarmRestarts": "{cosineWarmRestarts: {cycle: 140, growth: 2}}",
        "cyclic": "{cyclic: {up: 125, mode: triangular2}}", "inverseSqrt": "{inverseSqrt: {timescale: 100}}",
        "warmup": "{warmup: {steps: 100, then: cosine}}",
    ]
    return try Catalog.standard.schedules.entries.map { entry in
        let schedule = try Catalog.standard.schedules.read(
            YAML.parse(examples[entry.name] ?? entry.name, file: "picture"))
        var curves = [Curves.Curve(name: "learning rate / lr₀", style: "train", points: rates(of: schedule))]
        if schedule.follow() != nil {
            let losses = (0..<100).map { Point(x: Double($0 * 10), y: loss(inEpoch: $0)) }
            curves.append(.init(name: "a loss", style: "plain", points: losses))
        }
        return Picture(
            kind: "schedules", name: entry.name, summary: "The learning rate under \(entry.name) over 1,000 steps",
            height: Curves.height,
            shapes: Curves(unit: "step", x: 0...1000, limits: 0...1, anchoredAtZero: true, curves: curves).shapes)
    }
}

private func rates(of schedule: any Schedule) -> [Point] {
    var follower = schedule.follow()
    return (0..<1000).map { step in
        if step > 0, step % 10 == 0 { follower?.epochEnded(loss: loss(inEpoch: step / 10)) }
        return Point(x: Double(step), y: schedule.factor(at: step, of: 1000) * (follower?.factor ?? 1))
    }
}

/// A loss that falls until epoch 30, and again a little after epoch 50.
private func loss(inEpoch epoch: Int) -> Double {
    1 / (1 + 0.1 * Double(min(epoch, 30))) - (epoch < 50 ? 0 : 0.05 * Double(min(epoch - 50, 10)) / 10)
}
