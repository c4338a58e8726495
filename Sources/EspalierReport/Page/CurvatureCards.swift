/// How the loss bends along the training, and how noisy its gradient is.
extension ReportPage {
    var sharpnessCard: Markup? {
        let largest = curve(\.largestEigenvalue), bound = curve(\.stableBelow)
        let finite = largest.filter(\.isFinite)
        guard let first = finite.first, let last = finite.last else { return nil }
        let smallest = run.curvatures.last?.smallestEigenvalue ?? .nan
        let hasBound = bound.contains(where: \.isFinite)
        let samples = run.curvatures.last?.samples.map { " on \(Format.count($0, "sample"))" } ?? ""
        let caption =
            "The largest eigenvalue of the loss's Hessian\(samples): \(Format.number(first.y)) at first, "
            + "\(Format.number(last.y)) at last"
            + (smallest.isFinite ? ", where the smallest is \(Format.number(smallest))." : ".")
            + (hasBound
                ? " Above the other curve, which follows from the learning rate, steps on all samples would swing ever wider."
                : "")
        let series = [
            LinePlot.Series(name: "sharpness", style: "train", points: largest),
            LinePlot.Series(name: "stable below", style: "validation", points: bound),
        ]
        return card(
            "Sharpness of the loss", caption,
            plot: LinePlot(
                id: "sharpness", summary: caption, axis: axis, series: hasBound ? series : [series[0]],
                anchoredAtZero: true))
    }

    var noiseCard: Markup? {
        let points = curve(\.noiseScale), finite = points.filter(\.isFinite)
        guard let first = finite.first, let last = finite.last else { return nil }
        let size = run.start?.batchSize
        let caption =
            "How many samples' noise is as large as the gradient: \(Format.number(first.y)) at first, "
            + "\(Format.number(last.y)) at last. Far smaller batches are mostly noise, far larger ones repeat themselves."
        return card(
            "Gradient noise scale", caption,
            plot: LinePlot(
                id: "noise", summary: caption, axis: axis,
                series: [.init(name: "noise scale", style: "train", points: points, isLabelled: false)],
                guides: size.map { [.init(level: Double($0), label: "batch size: \(Format.count($0))")] } ?? [],
                guideReach: 1e3))
    }

    private func curve(_ number: (Event.Curvature) -> Double?) -> [Point] {
        run.curvatures.map { Point(x: axis.position(step: $0.step), y: number($0) ?? .nan) }
    }
}
