import Testing

@testable import EspalierStudy

/// What numbers come to in words.
@Suite struct AssessmentVerdictTests {
    /// A number whose interval reaches so far to both sides, whatever it is compared with.
    private static func estimate(_ value: Double, _ reach: Double, turned: Bool = false) -> Estimate {
        let draws = (0..<101).map { value + reach * (Double($0) / 50 - 1) * (turned ? -1 : 1) }
        return Estimate(value: value, draws: draws)
    }

    private static func place(_ at: Double, train: Double, heldOut: Double, rows: Int = 100) -> AssessmentCourse.Place {
        .init(
            at: at, rows: rows, parameters: Int(100 * at), train: estimate(train, 0.01),
            heldOut: estimate(heldOut, 0.01, turned: at != 1), trainValues: [train], heldOutValues: [heldOut])
    }

    private static func simple(_ name: String, train: Double, heldOut: Double) -> AssessmentVerdict.Simple {
        .init(name: name, heldOut: estimate(heldOut, 0.01, turned: true), train: estimate(train, 0.01, turned: true))
    }

    /// - Parameters:
    ///   - model: Training and held-out scores.
    ///   - linear: The same of logistic regression.
    private static func verdict(
        _ model: (Double, Double) = (0.92, 0.9), linear: (Double, Double) = (0.82, 0.8),
        wider: (Double, Double)? = (0.92, 0.9),
        narrower: (Double, Double)? = (0.91, 0.89), half: Double = 0.89, decomposition: Decomposition? = nil
    ) -> AssessmentVerdict {
        let own = place(1, train: model.0, heldOut: model.1)
        let widths =
            (narrower.map { [place(0.5, train: $0.0, heldOut: $0.1)] } ?? []) + [own]
            + (wider.map { [place(2, train: $0.0, heldOut: $0.1)] } ?? [])
        return AssessmentVerdict(
            own,
            [
                simple("majority", train: 0.5, heldOut: 0.5),
                simple("logistic regression", train: linear.0, heldOut: linear.1),
            ], capacity: widths, data: [place(0.5, train: 0.9, heldOut: half, rows: 50), own], decomposition, [],
            metric: "accuracy")
    }

    private static func text(_ verdict: AssessmentVerdict, _ about: String) -> String {
        verdict.sentences.first { $0.about == about }?.text ?? ""
    }

    @Test func justRightAndBetter() {
        let verdict = Self.verdict()
        #expect(verdict.fit == .justRight && verdict.isBetter)
        #expect(
            Self.text(verdict, "simpler")
                == "The accuracy is 0.900; the difference to the best simple model, logistic regression with 0.800, is 0.100, "
                + "from 0.081 to 0.119: better.")
        #expect(Self.text(verdict, "moreData").hasSuffix("more data is not shown to help."))
        #expect(Self.text(verdict, "wider").hasPrefix("A model twice as wide changes the score by 0.000, from"))
    }

    @Test func notShownToBeBetter() {
        let verdict = Self.verdict(linear: (0.9, 0.895))
        #expect(!verdict.isBetter)
        #expect(Self.text(verdict, "simpler").hasSuffix("is 0.005, from -0.014 to 0.024: not shown to be better."))
        #expect(Self.text(Self.verdict(linear: (0.9, 0.95)), "simpler").hasSuffix(": worse."))
    }

    /// The training score below a linear model's, or rising with capacity together with the held-out one.
    @Test func tooSimple() {
        let untrained = Self.verdict((0.7, 0.7), linear: (0.8, 0.7))
        #expect(untrained.fit == .tooSimple)
        #expect(Self.text(untrained, "fit").contains("worse than logistic regression"))
        let narrow = Self.verdict(wider: (0.97, 0.95))
        #expect(narrow.fit == .tooSimple && Self.text(narrow, "fit").contains("a model twice as wide"))
        // Whatever else is wrong with it: one that is behind a line where it was trained has not learned.
        #expect(Self.verdict((0.75, 0.6), linear: (0.8, 0.7), wider: nil, narrower: (0.9, 0.9)).fit == .tooSimple)
        // A wider one that is better on the training rows alone has only learned more of them by heart.
        #expect(Self.verdict(wider: (0.97, 0.9)).fit == .justRight)
    }

    /// A gap, and a simpler model that is better, or variance that more rows would lower.
    @Test func tooComplex() {
        let wide = Self.verdict((1, 0.8), linear: (0.8, 0.75), wider: (1, 0.8), narrower: (0.95, 0.85))
        #expect(wide.fit == .tooComplex && Self.text(wide, "fit").contains("half as wide is 0.050"))
        #expect(Self.text(wide, "narrowest").contains("half as wide (50 parameters)"))
        // Without a gap, a narrower model that is better is not one that learned less by heart.
        #expect(
            Self.verdict((0.8, 0.8), linear: (0.7, 0.7), wider: (0.8, 0.8), narrower: (0.85, 0.85)).fit == .justRight)
        #expect(Self.verdict((1, 0.8), linear: (0.9, 0.9), wider: nil, narrower: nil).fit == .tooComplex)
        // Two halves of trainings that say the opposite: all is variance.
        let spread = Decomposition(
            values: (0..<20).map { [Double]($0 % 2 == 0 ? repeatElement(1, count: 50) : repeatElement(-1, count: 50)) },
            targets: [Double](repeating: 0, count: 50))
        #expect(spread.excess.isAboveZero)
        #expect(
            Self.verdict(
                (1, 0.8), linear: (0.7, 0.7), wider: (1, 0.8), narrower: (1, 0.8), half: 0.7, decomposition: spread
            ).fit == .tooComplex)
        #expect(
            Self.verdict(
                (1, 0.8), linear: (0.7, 0.7), wider: (1, 0.8), narrower: (1, 0.8), half: 0.8, decomposition: spread
            ).fit == .justRight)
    }

    @Test func tooLittleWasMeasured() {
        #expect(Self.verdict(wider: nil, narrower: nil).fit == .undecided)
        #expect(Self.text(Self.verdict(half: 0.8), "moreData").hasSuffix("more data would help."))
    }
}
