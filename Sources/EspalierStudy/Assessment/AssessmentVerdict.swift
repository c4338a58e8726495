import EspalierSpec
import Foundation

/// What an assessment comes to, in sentences each of which rests on a number and its interval.
///
/// Something is shown where the whole 95 % interval lies on one side of 0, and "not shown" otherwise; there are no other
/// thresholds. Of two comparisons that answer one question each has the interval for 97.5 % (Bonferroni).
///
/// - Too simple: on the training rows it is worse than a linear model; or a wider one is better there and on held-out samples.
/// - Too complex: it is not behind on the training rows, it is better there than on held-out samples, and on these a narrower or
///   a linear model is better, or variance is larger than bias while more rows still help.
/// - Just right: neither, with narrower and wider models compared.
///
/// Sources: Efron and Tibshirani 1993, "An introduction to the bootstrap", chapters 13 and 16; Hastie, Tibshirani and Friedman
/// 2009, "The elements of statistical learning", 7.2 and 7.10 (the simplest model within one standard error of the best).
public struct AssessmentVerdict: Sendable, Hashable {
    public enum Fit: String, Sendable {
        case tooSimple, tooComplex, justRight
        /// Too little was measured, or both of the first two.
        case undecided
    }

    public struct Sentence: Sendable, Hashable {
        /// What it is about: `simpler`, `fit`, `gap`, `wider`, `narrower`, `moreData`, `bias`, `ensemble`.
        public var about: String
        public var text: String
        /// What it rests on.
        public var measured: Measured?
    }

    public private(set) var fit = Fit.undecided
    /// The most important first.
    public private(set) var sentences: [Sentence] = []
    /// Whether it is shown to be better than every simple model.
    public private(set) var isBetter = false

    /// A simple model's scores.
    struct Simple: Sendable {
        var name: String
        var heldOut: Estimate
        var train: Estimate
    }

    init(
        _ model: AssessmentCourse.Place, _ simple: [Simple], capacity: [AssessmentCourse.Place],
        data: [AssessmentCourse.Place], _ decomposition: Decomposition?, _ ensembles: [AssessmentCourse.Ensemble],
        metric: String
    ) {
        let comparison = compare(model, simple, metric)
        let gap = (model.train - model.heldOut).measured
        let wider = Self.best(of: capacity.filter { $0.at > 1 }, over: model)
        let narrower = Self.best(of: capacity.filter { $0.at < 1 }, over: model)
        let slope = Self.slope(data)
        // The constant answer is first, then the linear model; neighbours know training rows by heart.
        let linear = simple.dropFirst().first
        let learned = linear.map { (model.train - $0.train).measured }
        let behindLinear = linear.map { (model.heldOut - $0.heldOut).measured.isBelowZero } ?? false

        let risesWithCapacity = wider.map { $0.heldOut.isAboveZero && $0.train.isAboveZero } ?? false
        // What is worse than a line on the rows that it was trained on has not learned them, whatever else is true of it.
        let isBehindInTraining = learned?.isBelowZero ?? false
        let isTooSimple = isBehindInTraining || risesWithCapacity
        let isVariable = decomposition?.excess.isAboveZero ?? false
        let isTooComplex =
            !isBehindInTraining && gap.isAboveZero
            && (narrower?.heldOut.isAboveZero ?? false || behindLinear || isVariable && slope?.isAboveZero ?? false)
        if isTooSimple != isTooComplex {
            fit = isTooSimple ? .tooSimple : .tooComplex
        } else if !isTooSimple, wider != nil, narrower != nil {
            fit = .justRight
        }

        sentences = [comparison, fitSentence(learned, linear?.name, wider, narrower, behindLinear, isVariable, gap)]
        sentences.append(
            .init(
                about: "gap",
                text: "On training rows it is \(gap.difference) than on held-out samples: "
                    + (gap.isAboveZero
                        ? "it knows some of them by heart." : "what it has learned holds on others too."),
                measured: gap))
        sentences += [Self.sentence("wider", wider), Self.sentence("narrower", narrower), Self.simplest(capacity)]
            .compactMap(\.self)
        if let slope { sentences.append(Self.sentence(moreData: slope)) }
        if let decomposition { sentences.append(Self.sentence(decomposition)) }
        if ensembles.count > 1 { sentences.append(Self.sentence(ensembles)) }
    }

    private mutating func compare(_ model: AssessmentCourse.Place, _ simple: [Simple], _ metric: String) -> Sentence {
        guard let best = simple.max(by: { $0.heldOut.value < $1.heldOut.value }) else {
            return .init(about: "simpler", text: "There is nothing simpler to compare with.", measured: nil)
        }
        let difference = (model.heldOut - best.heldOut).measured
        isBetter = difference.isAboveZero
        let name = metric == "r2" ? "R^2" : metric
        let verdict =
            difference.isAboveZero ? "better" : difference.isBelowZero ? "worse" : "not shown to be better"
        return .init(
            about: "simpler",
            text:
                "The \(name) is \(model.heldOut.value.digits); the difference to the best simple model, \(best.name) with "
                + "\(best.heldOut.value.digits), is \(difference.words): \(verdict).",
            measured: difference)
    }
}

// What single numbers say.
extension AssessmentVerdict {
    /// How much a wider or narrower model gains on the model as it is: the best of the nearest and the farthest.
    struct Gain {
        var factor: Double
        var train: Measured
        var heldOut: Measured
    }

    private static func best(of places: [AssessmentCourse.Place], over model: AssessmentCourse.Place) -> Gain? {
        let ordered = places.sorted { max($0.at, 1 / $0.at) < max($1.at, 1 / $1.at) }
        let ends = ordered.count > 1 ? [ordered[0], ordered[ordered.count - 1]] : ordered
        return ends.map { place in
            Gain(
                factor: place.at, train: (place.train - model.train).measured(among: ends.count),
                heldOut: (place.heldOut - model.heldOut).measured(among: ends.count))
        }.max { $0.heldOut.value < $1.heldOut.value }
    }

    /// What the last doubling of the rows has brought.
    private static func slope(_ data: [AssessmentCourse.Place]) -> Measured? {
        guard data.count > 1, let last = data.last, let before = data.dropLast().last, last.at == 1 else { return nil }
        let change = last.heldOut - before.heldOut
        let doublings = Double(last.rows) / Double(before.rows)
        guard doublings > 1 else { return nil }
        let factor = 1 / log2(doublings)
        return Estimate(value: change.value * factor, draws: change.draws.map { $0 * factor }).measured
    }

    private func fitSentence(
        _ learned: Measured?, _ linear: String?, _ wider: Gain?, _ narrower: Gain?, _ behindLinear: Bool,
        _ isVariable: Bool, _ gap: Measured
    ) -> Sentence {
        func sentence(_ text: String, _ measured: Measured?) -> Sentence {
            .init(about: "fit", text: text, measured: measured)
        }
        switch fit {
        case .tooSimple:
            if let learned, learned.isBelowZero {
                return sentence(
                    "Too simple, or not trained enough: on the training rows it is \(learned.difference) than "
                        + "\(linear ?? "a linear model").", learned)
            }
            return sentence(
                "Too simple: a model \(wider?.factor.times ?? "") as wide is better on training rows and held-out samples.",
                wider?.heldOut)
        case .tooComplex:
            if let narrower, narrower.heldOut.isAboveZero {
                return sentence(
                    "Too complex: a model \(narrower.factor.times) as wide is \(narrower.heldOut.difference) on held-out samples.",
                    narrower.heldOut)
            }
            if behindLinear {
                return sentence("Too complex: \(linear ?? "a linear model") is better on held-out samples.", gap)
            }
            return sentence("Too complex for so few rows: variance is larger than bias, and more rows help.", gap)
        case .justRight:
            return sentence("Just right: neither a wider nor a narrower model is shown to be better.", wider?.heldOut)
        case .undecided:
            return sentence(
                wider.map { $0.heldOut.isAboveZero && $0.train.isAboveZero } ?? false
                    ? "Both a wider and a simpler model are better: it is trained in a way that suits neither."
                    : "Too little was measured to say whether it is too simple or too complex.", wider?.heldOut)
        }
    }

    private static func sentence(_ about: String, _ gain: Gain?) -> Sentence? {
        guard let gain else { return nil }
        return .init(
            about: about, text: "A model \(gain.factor.times) as wide changes the score by \(gain.heldOut.words).",
            measured: gain.heldOut)
    }

    /// The narrowest model within one standard error of the best, where that is narrower than the model as it is.
    private static func simplest(_ capacity: [AssessmentCourse.Place]) -> Sentence? {
        guard let best = capacity.max(by: { $0.heldOut.value < $1.heldOut.value }),
            let narrowest = capacity.first(where: {
                $0.heldOut.value >= best.heldOut.value - best.heldOut.standardError
            }),
            narrowest.at < 1
        else { return nil }
        return .init(
            about: "narrowest",
            text: "The narrowest within one standard error of the best is \(narrowest.at.times) as wide "
                + "(\(narrowest.parameters) parameters): \(narrowest.heldOut.measured.words).",
            measured: narrowest.heldOut.measured)
    }

    private static func sentence(moreData slope: Measured) -> Sentence {
        .init(
            about: "moreData",
            text: "The last doubling of the rows has changed the score by \(slope.words): more data "
                + (slope.isAboveZero ? "would help." : "is not shown to help."), measured: slope)
    }

    private static func sentence(_ decomposition: Decomposition) -> Sentence {
        let excess = decomposition.excess
        let hidden = decomposition.noise == nil ? " (with the noise)" : ""
        let which =
            excess.isAboveZero
            ? "more of the error is variance"
            : excess.isBelowZero ? "more of the error is bias" : "neither is shown to be larger"
        return .init(
            about: "bias",
            text:
                "Over \(decomposition.replicates) training sets bias\(hidden) is \(decomposition.bias.words) and variance "
                + "\(decomposition.variance.words): \(which).",
            measured: excess)
    }

    private static func sentence(_ ensembles: [AssessmentCourse.Ensemble]) -> Sentence {
        let gain = (ensembles[1].score - ensembles[0].score).measured
        return .init(
            about: "ensemble",
            text: "An ensemble of \(ensembles[1].members) changes the score by \(gain.words): "
                + (gain.isAboveZero
                    ? "better than one model."
                    : gain.isBelowZero ? "worse than one model." : "not shown to be better."),
            measured: gain)
    }
}

extension AssessmentVerdict {
    /// `{"fit": "justRight", "better": true, "sentences": [{"about": …, "text": …, "measured": …}]}`.
    public var configuration: ConfigurationValue {
        [
            "fit": .string(fit.rawValue), "better": .boolean(isBetter),
            "sentences": .list(
                sentences.map { sentence in
                    [
                        "about": .string(sentence.about), "text": .string(sentence.text),
                        "measured": sentence.measured?.configuration ?? .null,
                    ]
                }),
        ]
    }
}
