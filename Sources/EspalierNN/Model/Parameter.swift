import EspalierGraph

/// What a parameter is to a layer: regularisation and optimiser groups tell them apart.
public enum ParameterRole: String, Sendable, CaseIterable {
    /// Multiplies inputs.
    case weight
    /// Is added to outputs.
    case bias
    /// Scales or shifts what a normalisation has made.
    case normalization
    /// Shapes an activation.
    case activation
}

/// A tensor of a layer that training changes.
///
/// ```swift
/// final class Scale: Layer {
///     @Parameter var gain: Tensor
///     init(_ width: Int) { _gain = Parameter([width], Ones()) }
/// }
/// ```
@propertyWrapper
public struct Parameter {
    /// What the property wrapper shares with whoever trains the model.
    public final class Slot {
        public let shape: Shape
        public let role: ParameterRole
        /// How many inputs each output sums over, and how many outputs each input reaches.
        public let fans: Fans
        /// The number of groups of a weight that lies inputs first, [in, out / groups, ...], as those of transposed
        /// convolutions do; nothing for one that lies [out, in, ...].
        public let transposedGroups: Int?
        /// What its first values are drawn by.
        public var initializer: any Initializer
        /// Why it is drawn so, for the summary of a model: nothing where the layer was told or always does.
        public internal(set) var initializerReason: String?
        /// The dotted path within the model, once there is one: `2.weight`.
        public internal(set) var path = ""
        /// The present value, as a view of memory.
        public internal(set) var tensor: Tensor

        init(
            _ shape: Shape, _ initializer: any Initializer, _ role: ParameterRole, _ fans: Fans,
            _ transposedGroups: Int?
        ) {
            self.shape = shape
            self.role = role
            self.fans = fans
            self.transposedGroups = transposedGroups
            self.initializer = initializer
            tensor = .input(
                "parameter of a layer without a model", shape,
                remedy: "give the layer to a ModelState or a Trainer first, which draws its first values")
        }
    }

    public let projectedValue: Slot
    public var wrappedValue: Tensor { projectedValue.tensor }

    /// - Parameters:
    ///   - shape: The parameter's shape, as PyTorch has it.
    ///   - initializer: What its first values are drawn by.
    ///   - role: What it is to the layer.
    ///   - fans: What the initialiser scales by; those of a weight [out, in, ...] if not given.
    ///   - transposedGroups: The number of groups of a weight [in, out / groups, ...]; nothing for [out, in, ...].
    public init(
        _ shape: Shape, _ initializer: any Initializer, role: ParameterRole = .weight, fans: Fans? = nil,
        transposedGroups: Int? = nil
    ) {
        projectedValue = Slot(shape, initializer, role, fans ?? Fans(weight: shape), transposedGroups)
    }

    /// A parameter of another layer, under one more name.
    init(_ slot: Slot) { projectedValue = slot }
}

extension Parameter.Slot {
    /// What `body` gives while `value` stands in for the parameter.
    func replaced<Result>(by value: Tensor, in body: () -> Result) -> Result {
        let own = tensor
        tensor = value
        defer { tensor = own }
        return body()
    }
}

/// A stored property with parameters whose number is only known when the layer is made, under names of their own.
public protocol ParameterList {
    /// In the order of declaration, with their names in saved weights.
    var parameters: [(name: String, parameter: Parameter)] { get }
}

/// A tensor of a layer that training measures rather than learns, such as a running mean.
///
/// Assigning while a training step is traced makes the new value that of the next step; a layer that is used twice in one
/// step goes on from what it assigned first.
@propertyWrapper
public struct Statistic {
    /// What the property wrapper shares with whoever trains the model.
    public final class Slot {
        public let shape: Shape
        /// Every element before the first step.
        public let start: Double
        /// The name in saved weights, where it is not that of the property.
        public let name: String?
        /// The dotted path within the model, once there is one: `1.running_mean`.
        public internal(set) var path = ""
        /// The present value, as a view of memory.
        public internal(set) var tensor: Tensor
        /// The value for the next step, where the present trace has assigned one.
        fileprivate var next: Tensor?

        init(_ shape: Shape, _ start: Double, _ name: String?) {
            self.shape = shape
            self.start = start
            self.name = name
            let storage = Storage(count: shape.count)
            storage.floats.update(repeating: Float(start))
            tensor = Tensor(storage, shape, name: "statistic")
        }

        /// The value for the next step: the one assigned since this was last asked, or the present one.
        public func takeNext() -> Tensor {
            defer { next = nil }
            return next ?? tensor
        }
    }

    public let projectedValue: Slot

    public var wrappedValue: Tensor {
        get { projectedValue.next ?? projectedValue.tensor }
        nonmutating set {
            precondition(newValue.shape == projectedValue.shape, "a statistic keeps its shape \(projectedValue.shape)")
            projectedValue.next = newValue
        }
    }

    /// - Parameters:
    ///   - shape: Kept from step to step.
    ///   - start: Every element before the first step.
    ///   - name: The name in saved weights, where PyTorch's differs from the property's.
    public init(_ shape: Shape, start: Double, name: String? = nil) {
        projectedValue = Slot(shape, start, name)
    }
}

/// Where a layer's random numbers come from: a key that whoever runs the model sets, and a stream of the layer's own.
@propertyWrapper
public struct Randomness {
    /// What the property wrapper shares with whoever runs the model.
    public final class Slot {
        /// Two int32, other ones for each step.
        public internal(set) var key: Tensor
        /// Tells this layer's draws from those of others under the same key.
        public internal(set) var stream: UInt32 = 0

        init() {
            key = Tensor(Storage(count: 2), [2], .int32, name: "key")
        }
    }

    public let projectedValue = Slot()
    public var wrappedValue: Slot { projectedValue }

    public init() {}
}

extension Randomness.Slot {
    /// Numbers uniform in [0, 1), other ones for each key.
    public func uniform(_ shape: Shape) -> Tensor {
        .randomUniform(shape, key: key, stream: stream)
    }

    /// Numbers from the standard normal distribution, other ones for each key.
    public func normal(_ shape: Shape) -> Tensor {
        .randomNormal(shape, key: key, stream: stream)
    }
}
