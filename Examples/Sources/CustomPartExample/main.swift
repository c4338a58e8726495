// Parts of one's own (a layer, an initialiser, a loss, an optimiser, a schedule), named in a configuration like any other.
import Espalier
import Foundation

var catalog = Catalog.standard
catalog.register(MaxoutSpecification.self)
catalog.register(SignInitializer.self)
catalog.register(PolyLoss.self)
catalog.register(SignDescent.self)
catalog.register(BudgetSchedule.self)

// The catalog lists them as it lists its own.
let own = Set(["maxout", "signs", "poly", "signDescent", "budget"])
let listed = [PartKind.layers, .initializers, .losses, .optimizers, .schedules].flatMap(catalog.parts)
    .filter { own.contains($0.name) }
print(PartListing.text(of: listed))

let examples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
let configuration = examples.path + "/Configurations/custom-parts.yaml"
let temporary = FileManager.default.temporaryDirectory.path + "/custom-parts-\(UUID().uuidString)"
defer { try? FileManager.default.removeItem(atPath: temporary) }

let run = try TrainingRun(.read(configuration, catalog: catalog), in: { _ in try .taking(temporary + "/first") })
let accuracy = run.summary.test?["accuracy"] ?? 0
print(String(format: "test accuracy %.4f", accuracy))

// The run's complete configuration names the parts with all their settings, and leads to the same weights.
let again = try TrainingRun(
    .read(run.folder.configuration, catalog: catalog), in: { _ in try .taking(temporary + "/second") })
let weights = try [run, again].map { try Data(contentsOf: URL(filePath: $0.folder.bestWeights)) }

// The weights in the run's folder become a model again.
let digits = try DigitsSource().load(relativeTo: "")
let predictions = try SavedModel(run.folder, catalog: catalog).predict(Array(digits.inputs.prefix(64)))
guard case .label(let digit, _) = predictions[0] else { exit(1) }
print("the first image shows a \(digit)")

// What is wrong with a setting is found at its line and column, and says what was expected.
let text = try String(contentsOfFile: configuration, encoding: .utf8)
var mistakes: [EspalierError] = []
let changes = [("pieces: 3", "pieces: 1"), ("epsilon: 1", "epsilon: -2"), ("r: signs", "r: sines"), ("beta", "betta")]
for (right, wrong) in changes {
    do {
        let node = try YAML.parse(text.replacingOccurrences(of: right, with: wrong), file: "wrong.yaml")
        _ = try Experiment(configuration: node, catalog: catalog)
    } catch let error as EspalierError {
        print(error)
        mistakes.append(error)
    }
}
let places = ["wrong.yaml:5:33", "wrong.yaml:9:24", "wrong.yaml:6:38", "wrong.yaml:10:48"]

// The first image of the data is a zero.
guard accuracy > 0.93, digit == "0", listed.count == own.count, weights[0] == weights[1],
    mistakes.map(\.location) == places
else { exit(1) }
