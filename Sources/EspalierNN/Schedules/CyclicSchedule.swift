import EspalierSpec
import Foundation

/// A learning rate that goes up and down between lr_0 low and lr_0:
/// lr_t = lr_0 (low + (1 - low) x s), where x rises on a line from 0 to 1 in `up` steps and falls in `down`.
///
/// s, the cycle's height, is 1 (`triangular`), halved with every cycle (`triangular2`), or gamma^t (`exponential`).
/// PyTorch's `CyclicLR` with max_lr = lr_0, base_lr = lr_0 low; its momentum does not go up and down here.
///
/// Source: Smith 2017, "Cyclical learning rates for training neural networks"; defaults are PyTorch's, low is this
/// project's. Use it to explore, or with snapshots at the low points; `oneCycle` is the better way to one good end.
public struct CyclicSchedule: Schedule {
    public var low = 0.1
    public var up = 2000
    public var down: Int?
    public var mode = Mode.triangular
    public var gamma = 1.0

    /// How the cycles' heights go on.
    public enum Mode: String, CaseIterable, ConfigurationRepresentable, Hashable {
        case triangular, triangular2, exponential
    }

    public static let name = "cyclic"
    public static let summary = "Up and down on lines between lr_0 low and lr_0"
    public static let fields = [
        Field("low", \Self.low, "the factor at the bottom", in: 0...1),
        Field("up", \Self.up, "steps from the bottom to the top", in: 1...),
        Field("down", \Self.down, "steps from the top to the bottom; null is as many as up", in: 1...),
        Field("mode", \Self.mode, "heights of cycles: the same, halved each time, or gamma^step"),
        Field("gamma", \Self.gamma, "of the mode exponential", in: 0...1),
    ]

    public init() {}

    public init(low: Double = 0.1, up: Int = 2000, down: Int? = nil, mode: Mode = .triangular, gamma: Double = 1) {
        self.low = low
        self.up = up
        self.down = down
        self.mode = mode
        self.gamma = gamma
    }

    public func factor(at step: Int, of steps: Int) -> Double {
        let down = self.down ?? up
        // The sum of two numbers of steps can be more than a signed number holds.
        let length = UInt(up) + UInt(down), cycle = UInt(step) / length, within = UInt(step) % length
        let x = within <= up ? Double(within) / Double(up) : Double(length - within) / Double(down)
        let height =
            switch mode {
            case .triangular: 1.0
            case .triangular2: pow(0.5, Double(cycle))
            case .exponential: pow(gamma, Double(step))
            }
        return low + (1 - low) * x * height
    }
}
