import EspalierNN
import Testing

extension LayerParityTests {
    /// Layers over spatial axes by the names of their cases.
    static let signals: [(name: String, layer: @Sendable () -> any Layer)] = [
        ("conv1d", { Conv1d(2, 3, kernelSize: 3, stride: 2, padding: 1) }),
        ("conv2d", { Conv2d(3, 4, kernelSize: 3) }),
        (
            "conv2dAttributes",
            { Conv2d(3, 4, kernelSize: [3, 2], stride: [2, 1], padding: [1, 2], dilation: [1, 2]) }
        ),
        ("conv2dSame", { Conv2d(2, 3, kernelSize: [3, 4], padding: .same, dilation: [2, 1]) }),
        ("conv2dGroups", { Conv2d(4, 6, kernelSize: 3, padding: 1, groups: 2) }),
        ("conv2dDepthwise", { Conv2d(4, 8, kernelSize: 3, padding: 1, groups: 4, bias: false) }),
        ("conv2dPoints", { Conv2d(5, 3, kernelSize: 1, stride: 2) }),
        ("conv3d", { Conv3d(2, 3, kernelSize: [2, 3, 2], stride: [1, 2, 1], padding: 1) }),
        ("convTransposed1d", { ConvTransposed1d(3, 2, kernelSize: 4, stride: 2, padding: 1) }),
        (
            "convTransposed2d",
            { ConvTransposed2d(4, 6, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1, groups: 2) }
        ),
        (
            "convTransposed2dAttributes",
            {
                ConvTransposed2d(
                    2, 3, kernelSize: [3, 2], stride: [1, 2], padding: [0, 1], outputPadding: [1, 0], dilation: [2, 1])
            }
        ),
        ("convTransposed3d", { ConvTransposed3d(2, 2, kernelSize: 2, stride: 2, bias: false) }),
        ("maxPool1d", { MaxPool1d(kernelSize: 3, stride: 2, padding: 1) }),
        ("maxPool2d", { MaxPool2d(kernelSize: 2) }),
        ("maxPool2dAttributes", { MaxPool2d(kernelSize: [3, 2], stride: [1, 2], padding: 1, dilation: [2, 1]) }),
        ("maxPool2dCeil", { MaxPool2d(kernelSize: 3, stride: 2, padding: 1, ceilMode: true) }),
        ("maxPool3d", { MaxPool3d(kernelSize: 2, stride: 1) }),
        ("avgPool1d", { AvgPool1d(kernelSize: 3, stride: 1) }),
        ("avgPool2d", { AvgPool2d(kernelSize: [2, 3], stride: 2, padding: 1) }),
        ("avgPool2dCeil", { AvgPool2d(kernelSize: 3, stride: 2, padding: 1, ceilMode: true) }),
        (
            "avgPool2dWithoutPadding",
            { AvgPool2d(kernelSize: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad: false) }
        ),
        ("avgPool3d", { AvgPool3d(kernelSize: [1, 2, 2], padding: [0, 1, 1]) }),
        ("adaptiveMaxPool1d", { AdaptiveMaxPool1d(3) }), ("adaptiveMaxPool2d", { AdaptiveMaxPool2d([3, 2]) }),
        ("adaptiveMaxPool3d", { AdaptiveMaxPool3d(2) }), ("adaptiveAvgPool1d", { AdaptiveAvgPool1d(4) }),
        ("adaptiveAvgPool2d", { AdaptiveAvgPool2d([3, 5]) }), ("adaptiveAvgPool3d", { AdaptiveAvgPool3d(1) }),
        ("batchNorm2d", { BatchNorm(3) }), ("batchNorm3d", { BatchNorm(2) }),
    ]

    @Test(arguments: signals.indices) func signal(index: Int) throws {
        let (name, make) = Self.signals[index]
        let layer = make()
        (layer as? any ModeDependent)?.mode = .training
        try check(layer, "\(name)/", file: "signals")
    }

    @Test func everySignalIsCompared() throws {
        let cases = Set(try Fixture("signals", .float64).tensors.keys.map { String($0.prefix { $0 != "/" }) })
        #expect(cases == Set(Self.signals.map(\.name)))
    }
}
