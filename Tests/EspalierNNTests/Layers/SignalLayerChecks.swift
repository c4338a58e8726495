import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

/// The checks of layers over spatial axes, and what cannot be made of such layers.
enum SignalLayerChecks {
    static let all = convolutions + poolings + others

    private static let convolutions: [LayerCheck] = [
        LayerCheck(
            configuration: ["conv1d": ["channels": 3, "kernelSize": 2]], description: "Conv1d(2, 3, kernelSize: 2)",
            input: [2, 5], output: [3, 4], parameters: ["weight": [3, 2, 2], "bias": [3]], batch: 2),
        LayerCheck(
            configuration: [
                "conv2d": [
                    "channels": 4, "kernelSize": [3, 2], "stride": 2, "padding": [1, 0], "groups": 2, "bias": false,
                ]
            ],
            description: "Conv2d(2, 4, kernelSize: [3, 2], stride: 2, padding: [1, 0], groups: 2, bias: false)",
            input: [2, 4, 4], output: [4, 2, 2], parameters: ["weight": [4, 1, 3, 2]], batch: 2),
        LayerCheck(
            configuration: ["conv2d": ["channels": 1, "kernelSize": [3, 2], "padding": "same", "dilation": [2, 1]]],
            description:
                "Conv2d(2, 1, kernelSize: [3, 2], paddingBefore: [2, 0], paddingAfter: [2, 1], dilation: [2, 1])",
            input: [2, 4, 3], output: [1, 4, 3], parameters: ["weight": [1, 2, 3, 2], "bias": [1]], batch: 2),
        LayerCheck(
            configuration: ["conv3d": ["channels": 2, "kernelSize": 2, "padding": 1]],
            description: "Conv3d(1, 2, kernelSize: 2, padding: 1)", input: [1, 2, 2, 1], output: [2, 3, 3, 2],
            parameters: ["weight": [2, 1, 2, 2, 2], "bias": [2]], batch: 2),
        LayerCheck(
            configuration: [
                "convTransposed1d": ["channels": 2, "kernelSize": 3, "stride": 2, "padding": 1, "outputPadding": 1]
            ],
            description: "ConvTransposed1d(3, 2, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1)",
            input: [3, 4], output: [2, 8], parameters: ["weight": [3, 2, 3], "bias": [2]], batch: 2),
        LayerCheck(
            configuration: ["convTransposed2d": ["channels": 4, "kernelSize": 2, "stride": 2, "groups": 2]],
            description: "ConvTransposed2d(2, 4, kernelSize: 2, stride: 2, groups: 2)", input: [2, 2, 3],
            output: [4, 4, 6], parameters: ["weight": [2, 2, 2, 2], "bias": [4]], batch: 2),
        LayerCheck(
            configuration: ["convTransposed3d": ["channels": 1, "kernelSize": [1, 2, 2], "bias": false]],
            description: "ConvTransposed3d(2, 1, kernelSize: [1, 2, 2], bias: false)", input: [2, 2, 1, 2],
            output: [1, 2, 2, 3], parameters: ["weight": [2, 1, 1, 2, 2]], batch: 2),
    ]

    private static let poolings: [LayerCheck] = [
        LayerCheck(
            configuration: ["maxPool1d": ["kernelSize": 2]], description: "MaxPool1d(kernelSize: 2)", input: [2, 5],
            output: [2, 2]),
        LayerCheck(
            configuration: ["maxPool2d": ["kernelSize": 3, "stride": 2, "padding": 1, "ceilMode": true]],
            description: "MaxPool2d(kernelSize: 3, stride: 2, padding: 1, ceilMode: true)", input: [2, 4, 6],
            output: [2, 3, 4], batch: 2),
        LayerCheck(
            configuration: ["maxPool3d": ["kernelSize": 2, "stride": 1, "dilation": [1, 2, 1]]],
            description: "MaxPool3d(kernelSize: 2, stride: 1, dilation: [1, 2, 1])", input: [1, 3, 4, 2],
            output: [1, 2, 2, 1], batch: 2),
        LayerCheck(
            configuration: ["avgPool1d": ["kernelSize": 3, "stride": 2, "padding": 1]],
            description: "AvgPool1d(kernelSize: 3, stride: 2, padding: 1)", input: [2, 5], output: [2, 3]),
        LayerCheck(
            configuration: ["avgPool2d": ["kernelSize": 2, "padding": 1, "countIncludePad": false]],
            description: "AvgPool2d(kernelSize: 2, padding: 1, countIncludePad: false)", input: [2, 4, 3],
            output: [2, 3, 2], batch: 2),
        LayerCheck(
            configuration: ["avgPool3d": ["kernelSize": [1, 2, 2]]], description: "AvgPool3d(kernelSize: [1, 2, 2])",
            input: [2, 2, 4, 2], output: [2, 2, 2, 1], batch: 2),
    ]

    private static let others: [LayerCheck] = [
        LayerCheck(
            configuration: ["adaptiveMaxPool1d": ["outputSize": 3]], description: "AdaptiveMaxPool1d(3)",
            input: [2, 7],
            output: [2, 3]),
        LayerCheck(
            configuration: ["adaptiveMaxPool2d": ["outputSize": [2, 3]]], description: "AdaptiveMaxPool2d([2, 3])",
            input: [2, 5, 4], output: [2, 2, 3], batch: 2),
        LayerCheck(
            configuration: ["adaptiveMaxPool3d": ["outputSize": 1]], description: "AdaptiveMaxPool3d(1)",
            input: [2, 2, 3, 2], output: [2, 1, 1, 1], batch: 2),
        LayerCheck(
            configuration: ["adaptiveAvgPool1d": ["outputSize": 4]], description: "AdaptiveAvgPool1d(4)",
            input: [2, 3],
            output: [2, 4]),
        LayerCheck(
            configuration: ["adaptiveAvgPool2d": ["outputSize": 1]], description: "AdaptiveAvgPool2d(1)",
            input: [2, 3, 4], output: [2, 1, 1]),
        LayerCheck(
            configuration: ["adaptiveAvgPool3d": ["outputSize": 2]], description: "AdaptiveAvgPool3d(2)",
            input: [1, 3, 2, 4], output: [1, 2, 2, 2], batch: 2),
        LayerCheck(configuration: "globalMaxPool", description: "GlobalMaxPool()", input: [3, 2, 3], output: [3]),
        LayerCheck(configuration: "globalAvgPool", description: "GlobalAvgPool()", input: [3, 4], output: [3]),
        LayerCheck(
            configuration: ["reshape": ["shape": [3, 2, 2]]], description: "Reshape([3, 2, 2])", input: [2, 6],
            output: [3, 2, 2]),
        LayerCheck(
            configuration: ["residual": ["body": [["linear": ["units": 4]], "tanh"]]],
            description: "Residual(2 layers)", input: [4], output: [4],
            parameters: ["body.0.weight": [4, 4], "body.0.bias": [4]]),
        LayerCheck(
            configuration: [
                "residual": [
                    "body": [["conv2d": ["channels": 3, "kernelSize": 3, "stride": 2, "padding": 1]], "batchNorm"],
                    "shortcut": [["conv2d": ["channels": 3, "kernelSize": 1, "stride": 2, "bias": false]]],
                ]
            ],
            description: "Residual(2 layers, shortcut of 1)", input: [2, 4, 3], output: [3, 2, 2],
            // A bias before a normalisation has no gradient but rounding, so that a step need not change it: it is
            // checked because rounding does.
            parameters: [
                "body.0.weight": [3, 2, 3, 3], "body.0.bias": [3], "body.1.weight": [3], "body.1.bias": [3],
                "shortcut.0.weight": [3, 2, 1, 1],
            ], statistics: ["body.1.running_mean": [3], "body.1.running_var": [3]], dependsOnMode: true, batch: 2),
        LayerCheck(
            configuration: "batchNorm", description: "BatchNorm(2)", input: [2, 2, 3, 2], output: [2, 2, 3, 2],
            parameters: ["weight": [2], "bias": [2]], statistics: ["running_mean": [2], "running_var": [2]],
            dependsOnMode: true, batch: 2),
        LayerCheck(
            configuration: "batchNorm", description: "BatchNorm(3)", input: [3, 4], output: [3, 4],
            parameters: ["weight": [3], "bias": [3]], statistics: ["running_mean": [3], "running_var": [3]],
            dependsOnMode: true, batch: 2),
        LayerCheck(
            configuration: ["dropout": ["p": 0.3]], description: "Dropout(p: 0.3)", input: [2, 2, 3, 2],
            output: [2, 2, 3, 2], dependsOnMode: true),
    ]
}

@Suite struct SignalLayerTests {
    /// What cannot be made of samples [2, 5, 4], each with a part of the message.
    static let impossible: [(ConfigurationValue, String)] = [
        (["conv1d": ["channels": 1, "kernelSize": 1]], "samples of 2 axes"),
        (["conv2d": ["channels": 1, "kernelSize": 7]], "does not fit"),
        (["conv2d": ["channels": 3, "kernelSize": 1, "groups": 2]], "do not fall into 2 groups"),
        (["conv2d": ["channels": 1_000_000_000, "kernelSize": 3]], "does not fit in memory"),
        (["conv2d": ["channels": 1, "kernelSize": 1, "padding": 1_000_000]], "does not fit in memory"),
        (["convTransposed2d": ["channels": 1, "kernelSize": 1, "padding": 4]], "leaves nothing"),
        (["convTransposed2d": ["channels": 1, "kernelSize": 1, "stride": 1_000_000]], "does not fit in memory"),
        (["maxPool2d": ["kernelSize": 6]], "does not fit"),
        (["avgPool3d": ["kernelSize": 1]], "samples of 4 axes"),
        (["adaptiveAvgPool2d": ["outputSize": 1_000_000]], "does not fit in memory"),
        (["residual": ["body": [["conv2d": ["channels": 3, "kernelSize": 1]]]]], "the body makes [3, 5, 4]"),
        (["reshape": ["shape": [3, 13]]], "have 40 values"),
        (["reshape": ["shape": [0x4000_0000_0000_0000, 4]]], "have 40 values"),
        (["residual": ["body": [["linear": ["units": 3]]]]], "linear takes samples of one axis"),
    ]

    @Test(arguments: impossible.indices) func samplesThatDoNotFit(index: Int) throws {
        let (configuration, message) = Self.impossible[index]
        let specification = try Registry<any LayerSpecification>.standard.read(ConfigurationNode(configuration))
        do {
            _ = try specification.makeLayer(LayerContext(input: [2, 5, 4], outputs: 3))
            Issue.record("\(specification.named) was made")
        } catch let error as EspalierError {
            #expect(error.description.contains(message), "\(error)")
        }
    }

    @Test(
        arguments: [
            ["conv2d": ["channels": 1]], ["conv2d": ["channels": 1, "kernelSize": 0]],
            ["conv2d": ["channels": 1, "kernelSize": [1, 2, 3]]], ["conv2d": ["channels": 1, "kernelSize": []]],
            ["conv2d": ["channels": 1, "kernelSize": 3, "padding": "valid"]],
            ["conv2d": ["channels": 1, "kernelSize": 3, "padding": "same", "stride": 2]],
            ["conv2d": ["channels": 1, "kernelSize": 3, "padding": -1]],
            ["conv2d": ["channels": 1, "kernelSize": 9_000_000_000_000]],
            ["convTransposed2d": ["channels": 1, "kernelSize": 3, "outputPadding": 1]],
            ["maxPool2d": ["kernelSize": 2, "padding": 2]], ["maxPool2d": ["kernelSize": 2, "stride": 0]],
            ["adaptiveMaxPool2d": ["outputSize": 0]], ["residual": ["body": []]],
            ["residual": ["body": ["relu"], "shortcut": []]], ["residual": ["body": ["rellu"]]],
            ["reshape": ["shape": [0, 2]]], ["reshape": [:]],
        ] as [ConfigurationValue])
    func wrongSettings(_ value: ConfigurationValue) {
        #expect(throws: EspalierError.self) {
            try Registry<any LayerSpecification>.standard.read(ConfigurationNode(value))
        }
    }

    @Test func fansOfATransposedConvolution() {
        let layer = ConvTransposed2d(6, 4, kernelSize: 4, stride: 2, groups: 2)
        #expect(layer.$weight.fans == Fans(input: 3 * 4, output: 2 * 16))
        #expect(Conv2d(6, 4, kernelSize: [3, 2], groups: 2).$weight.fans == Fans(input: 18, output: 24))
    }

    @Test func aResidualBodyIsInitialisedForTheActivationAfterIt() {
        let inside = Conv2d(2, 2, kernelSize: 1)
        _ = Sequential {
            Residual {
                inside
                BatchNorm(2)
            }
            ReLU()
        }
        #expect(inside.initializer is HeNormal)
    }
}
