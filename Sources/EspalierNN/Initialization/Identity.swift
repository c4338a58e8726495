import EspalierGraph
import EspalierSpec

/// Ones on the diagonal of a matrix, zeros elsewhere: the layer begins by passing on what arrives.
///
/// Rectangular matrices pass on as many values as fit.
///
/// Source: Le, Jaitly and Hinton 2015, "A simple way to initialize recurrent networks of rectified linear units".
///
/// Use it for recurrent ReLU weights and for layers that are added to a trained network; not for a network of such
/// layers alone, where neurons beyond the diagonal never part.
public struct IdentityInitializer: Initializer {
    public var gain = 1.0

    public static let name = "identity"
    public static let summary = "The identity matrix times gain, for weights of two axes"
    public static let fields = [Field("gain", \Self.gain, "factor on every value", in: .positive)]

    public init() {}
    public init(gain: Double) { self.gain = gain }

    public func check(_ shape: Shape) throws {
        guard shape.rank == 2 else {
            throw EspalierError(
                "identity is a matrix, and the weight is \(shape)", expected: "a weight of two axes",
                fix: "dirac for convolutions")
        }
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        .select(Tensor.iota(shape) .== Tensor.iota(shape, axis: 1), Tensor(gain), 0)
    }
}

/// The identity of convolutions: a one at the centre of the kernel from each channel to that of the same number.
///
/// As many channels are passed on as fit; with groups, each group does so for itself, as PyTorch's `dirac_`.
///
/// Source: Zagoruyko and Komodakis 2017, "DiracNets".
///
/// Use it for convolutions that are added to a trained network, or very deep stacks of them; the channels beyond start
/// at zero and need something else to make them differ.
public struct Dirac: Initializer {
    public var groups = 1

    public static let name = "dirac"
    public static let summary = "A one at a convolution kernel's centre, from each channel to itself"
    public static let fields = [Field("groups", \Self.groups, "groups of outputs that each begin anew", in: 1...)]

    public init() {}
    public init(groups: Int) { self.groups = groups }

    public func check(_ shape: Shape) throws {
        guard (3...5).contains(shape.rank), shape[0] % groups == 0 else {
            throw EspalierError(
                "dirac with \(groups) group\(groups == 1 ? "" : "s"), and the weight is \(shape)",
                expected: "a weight [out, in, kernel...] of a convolution, its outputs divided by the groups",
                fix: shape.rank == 2 ? "identity for linear layers" : nil)
        }
    }

    public func values(_ shape: Shape, _ fans: Fans, key: RandomKey) -> Tensor {
        let kernel = shape.dimensions.dropFirst(2), strides = shape.strides
        let centre = zip(kernel, strides.dropFirst(2)).reduce(0) { $0 + $1.0 / 2 * $1.1 }
        var values = [Float](repeating: 0, count: shape.count)
        let outputs = shape[0] / groups
        for group in 0..<groups {
            for channel in 0..<min(outputs, shape[1]) {
                values[(group * outputs + channel) * strides[0] + channel * strides[1] + centre] = 1
            }
        }
        return Tensor(values, shape)
    }
}
