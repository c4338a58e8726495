import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierTestSupport
import Testing

/// Running sums, sorting, einsum, interpolation, powers and normalisation by sample against PyTorch.
///
/// Tolerances are those of `LayerParityTests`, but for interpolation: its weights are single precision from the start.
@Suite(.serialized) struct AxisParityTests {
    private static let exact = Result { try Fixture("axes", .float64) }

    private static func names(_ prefix: String) -> [String] {
        let tensors = (try? exact.get().tensors.keys).map(Array.init) ?? []
        return Set(tensors.map { String($0.prefix { $0 != "/" }) }.filter { $0.hasPrefix(prefix) }).sorted()
    }

    @Test(arguments: 0..<3) func runningSums(axis: Int) throws {
        try check("cumsum \(axis)") { $0[0].cumulativeSum(axis: axis - 3) }
        try check("reversedCumsum \(axis)") { $0[0].cumulativeSum(axis: axis, reversed: true) }
    }

    @Test(arguments: 0..<3) func orders(axis: Int) throws {
        func check(_ name: String, _ order: (Tensor) -> (values: Tensor, indices: Tensor)) throws {
            try self.check("\(name) \(axis)") { order($0[0]).values }
            let fixture = try Self.exact.get()
            let indices = order(Tensor(fixture["\(name) \(axis)/input"])).indices
            let expected = fixture["\(name)Indices \(axis)/output"]
            #expect(try indices.integers().map(Double.init) == expected.values, "\(name)")
            #expect(Reference.evaluate([indices])[0] == expected, "\(name)")
        }
        try check("sort") { $0.sorted(axis: axis) }
        try check("sortDescending") { $0.sorted(axis: axis - 3, descending: true) }
        try check("topk") { $0.top(3, axis: axis) }
        try check("smallest") { $0.top(2, axis: axis, largest: false) }
    }

    @Test func whatIsNoNumberIsLargest() throws {
        let fixture = try Self.exact.get(), x = Tensor(fixture["notANumber/input"])
        let results = [
            ("rising", x.argumentSort()), ("falling", x.argumentSort(descending: true)),
            ("maximum", x.argumentMaximum(axis: 0)), ("minimum", x.argumentMinimum()),
        ]
        for (name, result) in results {
            let expected = fixture["notANumber/\(name)"].values
            #expect(try result.integers().map(Double.init) == expected, "\(name)")
            #expect(Reference.evaluate([result])[0].values == expected, "\(name) of the reference")
        }
    }

    @Test(arguments: names("einsum ")) func einsum(name: String) throws {
        var equation = name.dropFirst("einsum ".count)
        if let comment = equation.firstRange(of: " with") { equation = equation[..<comment.lowerBound] }
        try check(name) { try .einsum(String(equation), of: $0) }
    }

    static let interpolations: [(name: String, layer: @Sendable () -> Upsample)] = [
        ("nearest", { Upsample(.size([8])) }),
        ("nearestTwice", { Upsample(.scale([2, 2])) }),
        ("nearestShorter", { Upsample(.size([3, 4])) }),
        ("nearestByFactor", { Upsample(.scale([1.7])) }),
        ("linear", { Upsample(.size([8]), mode: .linear) }),
        ("linearAligned", { Upsample(.size([7]), mode: .linear, alignCorners: true) }),
        ("linearByFactor", { Upsample(.scale([1.6]), mode: .linear) }),
        ("bilinear", { Upsample(.scale([2, 2]), mode: .linear) }),
        ("bilinearShorter", { Upsample(.size([4, 3]), mode: .linear) }),
        ("bilinearAligned", { Upsample(.size([5, 9]), mode: .linear, alignCorners: true) }),
        ("bilinearToOne", { Upsample(.size([1, 1]), mode: .linear, alignCorners: true) }),
        ("trilinear", { Upsample(.size([4, 3, 8]), mode: .linear) }),
        ("trilinearAligned", { Upsample(.size([5, 3, 2]), mode: .linear, alignCorners: true) }),
    ]

    @Test(arguments: interpolations.indices) func interpolation(index: Int) throws {
        let (name, layer) = Self.interpolations[index]
        try check("interpolate \(name)", exactly: 2e-7) { layer()($0[0]) }
    }

    @Test func everyInterpolationIsCompared() {
        #expect(Self.names("interpolate ") == Self.interpolations.map { "interpolate \($0.name)" }.sorted())
    }

    @Test(arguments: [1, 2, 6]) func groupNorm(groups: Int) throws {
        try parity.check(GroupNorm(groups, 6), "groupNorm \(groups)/", file: "axes")
    }

    @Test(arguments: ["instanceNorm1d", "instanceNorm2d", "instanceNorm3d"]) func instanceNorm(name: String) throws {
        try parity.check(InstanceNorm(3), "\(name)/", file: "axes")
    }

    @Test func instanceNormWithStatistics() throws {
        let layer = InstanceNorm(3, affine: true, tracksStatistics: true)
        let parameters = "instanceNormTracked/"
        layer.mode = .training
        try parity.check(layer, "instanceNormTracked/training/", file: "axes", parameters: parameters)
        let other = InstanceNorm(3, affine: true, tracksStatistics: true)
        try parity.check(
            other, "instanceNormTracked/inference/", file: "axes", parameters: parameters,
            statistics: "instanceNormTracked/training/")
    }

    @Test func powersOfEitherSign() throws {
        let fixture = try Self.exact.get()
        let base = Tensor(fixture["powerOfEitherSign/input.0"]), exponent = Tensor(fixture["powerOfEitherSign/input.1"])
        let cotangent = Tensor(fixture["powerOfEitherSign/cotangent"])
        let y = base.power(exponent)
        let gradients = Tensor.pullback([y], cotangents: [cotangent], by: [base, exponent])
        let computed = try Engine.current.evaluate([y] + gradients)
        for (index, name) in ["output", "gradient.input.0", "gradient.input.1"].enumerated() {
            let exact = Reference.evaluate([([y] + gradients)[index]])[0].values
            for (element, expected) in fixture["powerOfEitherSign/\(name)"].values.enumerated() {
                for value in [exact[element], Double(computed[index][element])] {
                    let agrees = value.isNaN && expected.isNaN || value == expected
                    #expect(
                        agrees || abs(value - expected) <= 1e-6 * max(1, abs(expected)),
                        "\(name), element \(element): \(value), not \(expected)")
                }
            }
        }
    }

    // Comparing

    private let parity = LayerParityTests()

    /// `function` of all inputs of a case.
    private func check(
        _ name: String, exactly tolerance: Double = LayerParityTests.exact, _ function: ([Tensor]) throws -> Tensor
    ) throws {
        let tensors = try Self.exact.get().tensors
        let inputs = (["input"] + (0..<3).map { "input.\($0)" }).filter { tensors["\(name)/\($0)"] != nil }
        try parity.check("axes", "\(name)/", inputs, exactly: tolerance, function)
    }
}
