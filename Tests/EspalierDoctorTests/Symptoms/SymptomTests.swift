import Espalier
import Testing

@testable import EspalierDoctor

/// Each symptom where it is, and where all but one thing is as it should be.
@Suite struct SymptomTests {
    @Test func aTrainingThatDoesWellShowsNothing() {
        #expect(Doctor.findings(in: MadeHistory().history, of: nil).isEmpty)
    }

    /// What explains a failure is none where there is none.
    @Test func whatIsInsideCountsOnlyWhereTheTrainingDoesPoorly() throws {
        var made = MadeHistory()
        made.eachProbe { probe in
            for index in probe.layers.indices {
                probe.layers[index].saturated = 0.9
                probe.layers[index].dead = 0.9
                probe.layers[index].gradient = [1e-6, 1e-4, 1e-2, 1][index]
                probe.layers[index].unitDeviation = [1, 1e-2, 1e-3, 1e-4][index]
            }
        }
        #expect(Doctor.findings(in: made.history, of: nil).isEmpty)
        made.stay()
        let seen = Set(Doctor.findings(in: made.history, of: nil).map(\.symptom))
        #expect(seen.isSuperset(of: [.vanishingGradient, .dyingReLU, .saturatedActivation, .poorInitialization]))
        #expect(
            Diagnosis(ordering: Doctor.findings(in: made.history, of: nil), after: made.history).findings.count == 1)
    }

    @Test func aGradientThatFadesIsNamedWithItsNumbers() throws {
        var made = MadeHistory()
        made.stay()
        #expect(try made.findings(VanishingGradient.self).isEmpty)
        made.eachProbe { $0.layers[0].gradient = 0.9e-3 }
        let finding = try #require(try made.findings(VanishingGradient.self).first)
        #expect(finding.location == "1")
        #expect(finding.evidence.contains(.init("ratio", 0.9e-3)))
        #expect(finding.explanation.contains("0.0009000"))
        // Just above the threshold, or in too few of the last probes.
        made.eachProbe { $0.layers[0].gradient = 1.1e-3 }
        #expect(try made.findings(VanishingGradient.self).isEmpty)
        for index in made.history.probes.indices.suffix(2) { made.history.probes[index].layers[0].gradient = 1e-6 }
        #expect(try made.findings(VanishingGradient.self).isEmpty)
        made.history.probes[made.history.probes.count - 3].layers[0].gradient = 1e-6
        #expect(try made.findings(VanishingGradient.self).count == 1)
    }

    @Test func firstWeightsThatAreTooLargeExplode() throws {
        var made = MadeHistory()
        made.stay()
        #expect(try made.findings(ExplodingGradient.self).isEmpty)
        made.history.probes[0].layers[0].gradient = 100
        #expect(try made.findings(ExplodingGradient.self).map(\.location) == ["1"])
        // Large steps that follow from them are not the cause.
        made.history.probes[0].parameters[0].updateNorm = 2
        #expect(try made.findings(LearningRateTooHigh.self).isEmpty)
    }

    @Test func aLossThatRunsAwayExplodes() throws {
        var made = MadeHistory()
        made.stay(at: 5000)
        #expect(try made.findings(ExplodingGradient.self).map(\.location) == [nil])
        made.stay(at: 500)
        #expect(try made.findings(ExplodingGradient.self).isEmpty)
    }

    @Test func deadIsMoreThanSparse() throws {
        var made = MadeHistory()
        made.stay()
        made.eachProbe { $0.layers[1].saturated = 0.95 }
        #expect(try made.findings(DyingReLU.self).isEmpty)
        made.eachProbe { $0.layers[1].dead = 0.6 }
        #expect(try made.findings(DyingReLU.self).map(\.location) == ["3"])
        #expect(try made.findings(DyingReLU.self).first?.explanation.hasPrefix("In layer 3, 5 of 8 units ") == true)
        // What is silent on four samples is not dead.
        made.history.start?.batchSize = 1
        #expect(try made.findings(DyingReLU.self).isEmpty)
        // A tanh saturates; it does not die.
        made.eachProbe {
            $0.layers[1].dead = 0; $0.layers[2].dead = 1; $0.layers[2].saturated = 0.7
        }
        #expect(try made.findings(DyingReLU.self).isEmpty)
        #expect(try made.findings(SaturatedActivation.self).map(\.location) == ["5"])
        made.eachProbe { $0.layers[2].saturated = 0.45 }
        #expect(try made.findings(SaturatedActivation.self).isEmpty)
    }

    @Test func equalUnitsAreSeenInWhatTheyPutOut() throws {
        var made = MadeHistory()
        made.stay()
        #expect(try made.findings(SymmetricWeights.self).isEmpty)
        made.history.probes[0].layers[0].unitDeviation = 1
        #expect(try made.findings(SymmetricWeights.self).map(\.location) == ["1"])
        made.history.probes[0].layers[0].unitDeviation = 0.8
        made.history.probes[0].parameters[2].weightNorm = 0
        #expect(try made.findings(SymmetricWeights.self).map(\.location) == ["2.weight"])
    }

    @Test func stepsAreTooLargeOrTooSmallForTheWeights() throws {
        var made = MadeHistory()
        made.stay()
        func change(_ norm: Double) { made.eachProbe { for index in 0..<4 { $0.parameters[index].updateNorm = norm } } }
        change(0.004)
        #expect(try made.findings(LearningRateTooHigh.self).isEmpty)
        #expect(try made.findings(LearningRateTooLow.self).isEmpty)
        change(0.3)
        #expect(try made.findings(LearningRateTooHigh.self).first?.remedies.first?.name == "changeLearningRate")
        #expect(try made.findings(LearningRateTooLow.self).isEmpty)
        change(0.0001)
        #expect(try made.findings(LearningRateTooHigh.self).isEmpty)
        #expect(try made.findings(LearningRateTooLow.self).count == 1)
        // Steps of a usual size, too few of them.
        change(0.002)
        #expect(try made.findings(LearningRateTooLow.self).count == 1)
    }

    @Test func unitsThatDieOnTheWayDieOfLargeSteps() throws {
        var made = MadeHistory()
        made.stay()
        for index in made.history.probes.indices.dropFirst(3) { made.history.probes[index].layers[1].dead = 1 }
        #expect(try made.findings(LearningRateTooHigh.self).first?.explanation.contains("layer 3 died") ?? false)
        let diagnosis = Diagnosis(ordering: Doctor.findings(in: made.history, of: nil), after: made.history)
        #expect(diagnosis.findings.first?.symptom == .learningRateTooHigh)
        #expect(diagnosis.findings.first?.consequences.contains(.dyingReLU) ?? false)
    }

    @Test func swingsCountBeyondChance() throws {
        var made = MadeHistory(batchSize: 1)
        func swing(by size: Double, around middle: Double) {
            made.draw { epoch in
                let accuracy = middle + (epoch % 2 == 0 ? size / 2 : -size / 2)
                return ((1 - accuracy, accuracy), (1 - accuracy, accuracy))
            }
        }
        swing(by: 0.2, around: 0.7)
        #expect(try made.findings(UnstableLoss.self).map(\.severity) == [.error])
        for index in made.history.epochs.indices { made.history.epochs[index].lossVariation = 0.7 }
        #expect(try made.findings(UnstableLoss.self).first?.evidence.contains(.init("lossVariation", 0.7)) == true)
        #expect(try made.findings(BatchTooSmall.self).map(\.severity) == [.info])
        // What three hundred samples say of .7 is uncertain by .053.
        swing(by: 0.05, around: 0.7)
        #expect(try made.findings(UnstableLoss.self).isEmpty)
        // It swings, and does well all the while.
        swing(by: 0.06, around: 0.93)
        #expect(try made.findings(UnstableLoss.self).isEmpty)
        swing(by: 0.2, around: 0.7)
        made.history.start?.batchSize = 32
        #expect(try made.findings(BatchTooSmall.self).isEmpty)
    }

    @Test func aLossStaysOrFallsTooSlowly() throws {
        var made = MadeHistory()
        made.stay(at: 1.08)
        #expect(try made.findings(LossNotDecreasing.self).count == 1)
        #expect(try made.findings(SlowConvergence.self).isEmpty)
        // At this speed it would come to .3 in three times as many epochs.
        made.draw { epoch in
            let loss = 1.1 - 0.008 * Double(epoch)
            return ((loss, 0.5), (loss, 0.5))
        }
        #expect(try made.findings(LossNotDecreasing.self).isEmpty)
        #expect(try made.findings(SlowConvergence.self).count == 1)
        // And never at this one.
        made.draw { epoch in
            let loss = 0.9 - 0.001 * Double(epoch)
            return ((loss, 0.5), (loss, 0.5))
        }
        #expect(try made.findings(SlowConvergence.self).isEmpty)
        #expect(try made.findings(Underfitting.self).count == 1)
    }

    @Test func aGapAloneIsNoOverfitting() throws {
        var made = MadeHistory()
        func draw(rise: Double, held: Double) {
            made.draw { epoch in
                let x = Double(epoch)
                return ((1 / x, min(1, 0.5 + x / 20)), (0.5 + rise * max(0, x - 10), held))
            }
        }
        draw(rise: 0.02, held: 0.7)
        #expect(try made.findings(Overfitting.self).map(\.severity) == [.warning])
        #expect(try made.findings(Overtraining.self).map(\.severity) == [.info])
        let diagnosis = Diagnosis(ordering: Doctor.findings(in: made.history, of: nil), after: made.history)
        #expect(diagnosis.findings.map(\.symptom) == [.overfitting])
        #expect(diagnosis.findings.first?.remedies.first?.name == "earlyStopping")
        draw(rise: 0, held: 0.7)
        #expect(try made.findings(Overfitting.self).isEmpty)
        draw(rise: 0.02, held: 0.97)
        #expect(try made.findings(Overfitting.self).isEmpty)
        // A gap that so few samples do not show.
        draw(rise: 0.02, held: 0.8)
        made.history.start?.validationSamples = 8
        #expect(try made.findings(Overfitting.self).isEmpty)
    }

    @Test func penaltiesOutweighTheData() throws {
        var made = MadeHistory(penalty: WeightPenalty(l2: 0.15))
        made.stay()
        #expect(try made.findings(ExcessiveRegularization.self).count == 1)
        made.history.start?.penalty.l2 = 0.001
        #expect(try made.findings(ExcessiveRegularization.self).isEmpty)
        for index in made.history.probes.indices.suffix(5) {
            for parameter in 0..<4 { made.history.probes[index].parameters[parameter].weightNorm = 0.01 }
        }
        #expect(try made.findings(ExcessiveRegularization.self).count == 1)
        made.history.start?.penalty = WeightPenalty()
        #expect(try made.findings(ExcessiveRegularization.self).isEmpty)
    }

    @Test func dropoutLeavesTooLittle() throws {
        let half = "Dropout(p: 0.5, training)"
        var made = MadeHistory(layers: [half, "Linear(4, 8)", half])
        made.stay()
        #expect(
            try made.findings(ExcessiveRegularization.self).first?.evidence.contains(.init("survival", 0.25)) ?? false)
        // Something else is to blame.
        made.eachProbe { $0.layers[0].gradient = 1e-6 }
        #expect(try made.findings(ExcessiveRegularization.self).isEmpty)
        made = MadeHistory(layers: [half, "Linear(4, 8)"])
        made.stay()
        #expect(try made.findings(ExcessiveRegularization.self).isEmpty)
    }

    @Test func whatIsFrozenIsMeantToStay() throws {
        var made = MadeHistory()
        made.eachProbe { $0.parameters[0].updateNorm = 0 }
        #expect(try made.findings(UnchangedWeights.self).map(\.severity) == [.info])
        made.history.start?.frozen = ["0.weight"]
        #expect(try made.findings(UnchangedWeights.self).isEmpty)
        made.stay()
        #expect(try made.findings(UnchangedWeights.self).map(\.location) == ["0.weight"])
        made.history.probes[7].parameters[0].updateNorm = 1e-9
        #expect(try made.findings(UnchangedWeights.self).isEmpty)
    }

    @Test func inferenceIsHeldAgainstTraining() throws {
        var made = MadeHistory(layers: ["Linear(4, 8)", "BatchNorm(8)", "Linear(8, 3)"])
        made.draw { _ in ((0.2, 0.95), (0.9, 0.6)) }
        #expect(try made.findings(TrainEvalMismatch.self).isEmpty)
        made.history.final = .init(train: Scores(loss: 0.9, metrics: [("accuracy", 0.6)]))
        #expect(try made.findings(TrainEvalMismatch.self).map(\.severity) == [.warning])
        // Where the statistics of batches lie off those of inference is the evidence, by the layer where they do most.
        made.eachProbe {
            $0.normalizations = [
                NormalizationProbe(path: "1", meanShift: 0.1, deviationRatio: 1),
                NormalizationProbe(path: "4", meanShift: 2.5, deviationRatio: 0.5),
            ]
        }
        let finding = try #require(try made.findings(TrainEvalMismatch.self).first)
        #expect(finding.evidence.suffix(2) == [.init("meanShift", 2.5), .init("deviationRatio", 0.5)])
        #expect(finding.explanation.contains("at layer 4") && finding.explanation.contains("2.500 running deviations"))
        // Weights from before the samples were known by heart.
        made.draw { epoch in ((0.5, 0.5 + 0.01 * Double(epoch)), (1 + 0.01 * Double(epoch), 0.3)) }
        made.history.final?.train = Scores(loss: 0.9, metrics: [("accuracy", 0.51)])
        #expect(try made.findings(TrainEvalMismatch.self).isEmpty)
        made.draw { _ in ((0.2, 0.95), (0.9, 0.6)) }
        // It is the samples that differ.
        made.history.final?.train = Scores(loss: 0.2, metrics: [("accuracy", 0.95)])
        #expect(try made.findings(TrainEvalMismatch.self).isEmpty)
    }

    @Test func rareClassesAreNotRecognised() throws {
        var made = MadeHistory()
        made.history.final = .init(confusion: [[100, 0, 0], [5, 95, 0], [9, 0, 1]])
        #expect(try made.findings(LabelImbalance.self).map(\.severity) == [.warning])
        made.history.final?.confusion = [[100, 0, 0], [5, 95, 0], [2, 0, 8]]
        #expect(try made.findings(LabelImbalance.self).isEmpty)
        // Not rare, but hard.
        made.history.final?.confusion = [[100, 0, 0], [5, 95, 0], [90, 0, 10]]
        #expect(try made.findings(LabelImbalance.self).isEmpty)
    }

    @Test func numbersThatAreNotFiniteAreToldWithWhatCameBefore() throws {
        var made = MadeHistory()
        made.history.losses = [.init(step: 1, loss: 1), .init(step: 2, loss: 30), .init(step: 3, loss: .nan)]
        made.history.nonFinite = [.init(step: 3, cause: "the loss was NaN")]
        made.history.end = .diverged
        let finding = try #require(try made.findings(NonFinite.self).first)
        #expect(finding.severity == .error)
        #expect(finding.evidence.contains(.init("highestLoss", 30)))
        let diagnosis = Diagnosis(ordering: Doctor.findings(in: made.history, of: nil), after: made.history)
        #expect(diagnosis.findings.first?.symptom == .learningRateTooHigh)
        #expect(diagnosis.findings.first?.consequences.contains(.nonFinite) ?? false)
        // It was dealt with.
        made.history.end = .completed
        #expect(try made.findings(NonFinite.self).first?.severity == .warning)
    }

    /// A training is judged by where it is going.
    @Test func aTrainingThatStillGetsBetterIsNotJudgedBeforeItsEnd() {
        var made = MadeHistory()
        made.draw { epoch in
            let accuracy = 0.4 + 0.0125 * Double(epoch)
            return ((1, accuracy), (1, accuracy))
        }
        made.history.end = nil
        made.history.epochs.removeLast(15)
        #expect(!made.history.isPoor)
        made.draw { epoch in ((1, 0.4 + 0.0025 * Double(epoch)), (1, 0.4)) }
        #expect(made.history.isPoor)
        // Too early to say.
        made.history.epochs.removeLast(10)
        #expect(!made.history.isPoor)
    }
}
