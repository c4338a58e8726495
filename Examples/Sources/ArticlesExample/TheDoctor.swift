// The article "The doctor".
import Espalier

func theDoctor() throws {
    print("--- The doctor")
    let experiment = try Experiment.read("deep.yaml")
    let prepared = try experiment.prepare()
    let before = try Examination(prepared, prepared.makeTrainer())
    print(before.diagnosis.summary)

    let run = try TrainingRun(experiment, in: { try RunFolder.next(named: $0.name) }, attendant: Doctor())
    for finding in run.diagnosis?.findings ?? [] {
        print(finding.symptom, finding.location ?? "", finding.severity)
        for number in finding.evidence { print("  \(number.name) \(number.value)") }
        for remedy in finding.remedies.prefix(2) { print("  try \(remedy.name): \(remedy.why)") }
    }

    let result = try Repair(experiment).run(in: run.folder)
    print(result.text)
    require(result.isRepaired, "the deep network is repaired")
    require(run.diagnosis?.findings.first?.symptom == .vanishingGradient, "the gradient vanishes")

    let model = Sequential {
        Linear(64, 32)
        Sigmoid()
        Linear(32, 10)
    }
    let trainer = try Trainer(
        model, loss: CrossEntropyLoss(), metrics: [Accuracy()], optimizer: Adam(),
        settings: TrainingSettings(epochs: 10, seed: 7), doctor: DoctorSettings(probeEvery: 10), sampleShape: [64])
    let doctor = Doctor(attending: trainer)
    _ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
    print(doctor.diagnosis.text())
}
