// The article "Search".
import Espalier

func search() throws {
    print("--- Search")
    let search = try Search.read("digits-search.yaml", overrides: ["search.trials=8", "training.epochs=5"])
    let study = try Study(creating: search, in: Study.folder(for: search))
    try study.run()
    let trials = try study.trials()
    if let best = trials.best(search.objective) {
        print("trial \(best.number): \(search.objective.text(best.value))")
    }
    try study.writeFiles()
    try StudyReport.write(folder: study.folder)
    let again = try TrainingRun(Experiment.read(study.best), in: { try RunFolder.next(named: $0.name) })
    require(trials.count == 8, "there are eight trials")
    require(again.summary.validation != nil, "the best configuration trains")
}
