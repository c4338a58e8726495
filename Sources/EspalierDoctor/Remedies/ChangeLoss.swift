import EspalierNN
import EspalierSpec
import EspalierTraining

/// `changeLoss`: another loss on the same outputs.
public struct ChangeLoss: Remedy {
    public var to = LossChoice(HuberLoss())

    public static let name = "changeLoss"
    public static let summary = "Another loss on the same outputs"
    public static let fields = [Field("to", \Self.to, "the loss")]

    public init() {}

    public init(to loss: any Loss) { to = LossChoice(loss) }

    public var why: String {
        to.loss is HuberLoss || to.loss is MeanAbsoluteError
            ? "targets that lie far off do not outweigh all others" : "it is the loss of such targets"
    }

    public func applied(to experiment: Experiment) throws -> Experiment? {
        // A loss of classes is none of values.
        guard let loss = experiment.loss, !type(of: to.loss).targets.isDisjoint(with: type(of: loss).targets) else {
            return nil
        }
        var changed = experiment
        changed.loss = to.loss
        return changed == experiment ? nil : changed
    }
}

/// A loss as a setting: its name, or its name with settings.
public struct LossChoice: ConfigurationRepresentable, Hashable {
    public static let accepted = "the name of a loss, or {name: {settings}}"

    public let loss: any Loss

    public init(_ loss: any Loss) { self.loss = loss }

    public init(configuration node: ConfigurationNode) throws {
        loss = try Registry<any Loss>.standard.read(node)
    }

    public var configuration: ConfigurationValue { loss.named }

    public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
    public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
}
