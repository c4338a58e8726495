import EspalierSpec
import EspalierTraining
import Foundation

/// Successive halving with several first rungs, as nobody knows beforehand after how many epochs trials can be told apart.
///
/// With R epochs, eta = `reduction` and s_max = floor(log_eta(R / minimum)) there are brackets s = s_max, ..., 0: the first rung of
/// bracket s is at R eta^-s epochs, and ceil((s_max + 1) eta^s / (s + 1)) trials go there before the next bracket's turn; then
/// it begins anew. In each bracket trials are ended as by `asha`, beside those of the same bracket, without waiting.
///
/// Source: Li et al. 2017, "Hyperband: a novel bandit-based approach to hyperparameter optimization".
///
/// Use it instead of `asha` where it is not known how soon good trials show; it spends more on trials that do badly.
public struct Hyperband: Pruner {
    public var minimum = 1
    public var reduction = 3

    public static let name = "hyperband"
    public static let summary = "Successive halving with several first rungs, by turns"
    public static let fields = [
        Field("minimum", \Self.minimum, "epochs of the earliest rung", in: 1...1_000_000),
        Field("reduction", \Self.reduction, "one of so many goes on, to so many times the epochs", in: 2...100),
    ]

    public init() {}

    public init(minimum: Int, reduction: Int) {
        self.minimum = minimum
        self.reduction = reduction
    }

    public func prunes(
        _ number: Int, after epoch: Int, of epochs: Int, loss: Double, others: () throws -> [Int: Double]
    ) rethrows -> Bool {
        let bracket = bracket(of: number, epochs)
        guard epoch < epochs, rungs(of: bracket, epochs).contains(epoch) else { return false }
        let peers = try others().filter { self.bracket(of: $0.key, epochs) == bracket }
        return ASHA.isBeyond(loss, of: number, reduction, among: peers)
    }

    /// s_max.
    func highest(_ epochs: Int) -> Int {
        var power = 0, least = minimum * reduction
        while least <= epochs {
            power += 1
            least *= reduction
        }
        return power
    }

    /// Trials of bracket s in each turn.
    func size(of bracket: Int, _ epochs: Int) -> Int {
        let brackets = Double(highest(epochs) + 1)
        return Int((brackets * pow(Double(reduction), Double(bracket)) / Double(bracket + 1)).rounded(.up))
    }

    func bracket(of number: Int, _ epochs: Int) -> Int {
        let sizes = (0...highest(epochs)).reversed().map { (bracket: $0, size: size(of: $0, epochs)) }
        var rest = number % sizes.reduce(0) { $0 + $1.size }
        for (bracket, size) in sizes {
            if rest < size { return bracket }
            rest -= size
        }
        return 0
    }

    /// The epochs at which trials of a bracket are looked at.
    func rungs(of bracket: Int, _ epochs: Int) -> [Int] {
        (0..<max(1, bracket)).filter { _ in bracket > 0 }.map { step in
            max(1, Int((Double(epochs) / pow(Double(reduction), Double(bracket - step))).rounded(.down)))
        }
    }
}
