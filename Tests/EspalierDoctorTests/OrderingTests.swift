import Espalier
import Testing

@testable import EspalierDoctor

/// Which findings stand by themselves, and which follow from others.
struct OrderingTests {
    private func finding(_ symptom: Symptom, at location: String? = nil, _ severity: Finding.Severity = .error)
        -> Finding
    {
        Finding(symptom, at: location, severity, explanation: "seen")
    }

    @Test func aCauseTakesWhatFollowsFromItAlong() {
        let diagnosis = Diagnosis(ordering: [
            finding(.lossNotDecreasing), finding(.saturatedActivation, at: "3", .warning), finding(.vanishingGradient),
        ])
        #expect(diagnosis.findings.map(\.symptom) == [.vanishingGradient])
        #expect(Set(diagnosis.findings[0].consequences) == [.lossNotDecreasing, .saturatedActivation])
    }

    @Test func whatDoesNotFollowStandsByItself() {
        let diagnosis = Diagnosis(ordering: [finding(.overfitting, .warning), finding(.leakage)])
        #expect(diagnosis.findings.map(\.symptom) == [.leakage, .overfitting])
        #expect(!diagnosis.isHealthy)
    }

    @Test func whatWouldExplainAFailureIsNoWarningWhereThereIsNone() {
        var history = History()
        history.end = .completed
        let diagnosis = Diagnosis(ordering: [finding(.saturatedActivation), finding(.leakage)], after: history)
        #expect(diagnosis.findings.map(\.severity) == [.error, .info])
        #expect(Diagnosis(ordering: [finding(.saturatedActivation)], after: history).isHealthy)
    }
}
