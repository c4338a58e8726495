// Parts of one's own (a layer, an optimiser, an initialiser, a schedule), named in a configuration like any other.
import Espalier
import Foundation

var catalog = Catalog.standard
catalog.layers.register(ParametricReLUSpecification.self) { $0 }
catalog.optimizers.register(SignDescent.self) { $0 }
catalog.initializers.register(SignInitializer.self) { $0 }
catalog.schedules.register(SineSchedule.self) { $0 }

let configuration = """
    data: {source: digits}
    model:
      - linear: {units: 64, initializer: signs}
      - parametricReLU
      - linear: {units: auto}
    optimizer: {signDescent: {learningRate: 0.001, beta: 0.9}}
    schedule: sine
    training: {epochs: 20, seed: 3}
    """
let node = try YAML.parse(configuration, file: "configuration")
let prepared = try Experiment(configuration: node, catalog: catalog).prepare()
let trainer = try prepared.makeTrainer()
guard let test = prepared.data.test, let slopes = trainer.state.parameters.values("1.slope") else { exit(1) }

let before = Array(slopes)
_ = try trainer.fit(prepared.data.train, validation: prepared.data.validation)
let accuracy = try trainer.evaluate(test)["accuracy"] ?? 0
print(String(format: "test accuracy %.4f", accuracy))
print("slopes from \(slopes.min() ?? 0) to \(slopes.max() ?? 0), all 0.25 before the training")

if accuracy < 0.93 || before.contains(where: { $0 != 0.25 }) || slopes.allSatisfy({ $0 == 0.25 }) { exit(1) }
