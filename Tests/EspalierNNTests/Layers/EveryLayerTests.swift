import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

/// Every layer that a configuration can name goes through `LayerCheck`.
@Suite(.serialized) struct EveryLayerTests {
    static let checks = simple + SignalLayerChecks.all + ActivationChecks.all + ReparametrizationChecks.all

    private static let simple: [LayerCheck] = [
        LayerCheck(
            configuration: ["linear": ["units": 3]], description: "Linear(4, 3)", input: [4], output: [3],
            parameters: ["weight": [3, 4], "bias": [3]]),
        LayerCheck(
            configuration: ["linear": ["units": "auto", "bias": false, "initializer": ["normal": ["std": 0.3]]]],
            description: "Linear(4, 2, bias: false)", input: [4], output: [2], parameters: ["weight": [2, 4]]),
        LayerCheck(configuration: "flatten", description: "Flatten()", input: [2, 3, 2], output: [12]),
        LayerCheck(
            configuration: ["dropout": ["p": 0.4]], description: "Dropout(p: 0.4)", input: [7], output: [7],
            dependsOnMode: true),
        LayerCheck(
            configuration: ["dropout2d": ["p": 0.4]], description: "Dropout2d(p: 0.4)", input: [4, 2, 2],
            output: [4, 2, 2], dependsOnMode: true),
        LayerCheck(
            configuration: ["alphaDropout": ["p": 0.3]], description: "AlphaDropout(p: 0.3)", input: [7], output: [7],
            dependsOnMode: true),
        LayerCheck(
            configuration: "gaussianDropout", description: "GaussianDropout(p: 0.5)", input: [7], output: [7],
            dependsOnMode: true),
        LayerCheck(
            configuration: ["gaussianNoise": ["std": 0.2]], description: "GaussianNoise(std: 0.2)", input: [7],
            output: [7], dependsOnMode: true),
        LayerCheck(
            configuration: ["stochasticDepth": ["p": 0.4]], description: "StochasticDepth(p: 0.4)", input: [3],
            output: [3], dependsOnMode: true),
        LayerCheck(
            configuration: "batchNorm", description: "BatchNorm(3)", input: [3], output: [3],
            parameters: ["weight": [3], "bias": [3]], statistics: ["running_mean": [3], "running_var": [3]],
            dependsOnMode: true),
        LayerCheck(
            configuration: ["batchNorm": ["affine": false, "eps": 0.01, "momentum": 0.3]],
            description: "BatchNorm(2, affine: false)", input: [2, 3, 2], output: [2, 3, 2],
            statistics: ["running_mean": [2], "running_var": [2]], dependsOnMode: true),
        LayerCheck(configuration: "relu", description: "ReLU()", input: [6], output: [6]),
        LayerCheck(configuration: "sigmoid", description: "Sigmoid()", input: [6], output: [6]),
        LayerCheck(
            configuration: [
                "sequential": ["layers": [["linear": ["units": 3]], "tanh", "batchNorm"], "recompute": true]
            ], description: "Sequential(3 layers, recomputed)", input: [4], output: [3],
            parameters: ["0.weight": [3, 4], "0.bias": [3], "2.weight": [3], "2.bias": [3]],
            statistics: ["2.running_mean": [3], "2.running_var": [3]], dependsOnMode: true),
        LayerCheck(
            configuration: "instanceNorm", description: "InstanceNorm(2)", input: [2, 5], output: [2, 5]),
        LayerCheck(
            configuration: ["instanceNorm": ["affine": true, "trackRunningStatistics": true]],
            description: "InstanceNorm(2, affine: true, tracksStatistics: true)", input: [2, 3, 2], output: [2, 3, 2],
            parameters: ["weight": [2], "bias": [2]], statistics: ["running_mean": [2], "running_var": [2]],
            dependsOnMode: true),
        LayerCheck(
            configuration: ["groupNorm": ["groups": 2]], description: "GroupNorm(2, 4)", input: [4, 3], output: [4, 3],
            parameters: ["weight": [4], "bias": [4]]),
        LayerCheck(
            configuration: "upsample", description: "Upsample(scale: [2.0, 2.0])", input: [2, 2, 3],
            output: [2, 4, 6]),
        LayerCheck(
            configuration: ["upsample": ["size": [5, 4], "mode": "bilinear", "alignCorners": true]],
            description: "Upsample(size: [5, 4], linear, alignCorners: true)", input: [2, 2, 3], output: [2, 5, 4]),
        LayerCheck(configuration: "tanh", description: "Tanh()", input: [2, 3], output: [2, 3]),
        LayerCheck(
            configuration: ["lstm": ["units": 2]], description: "LSTM(3, 2, returnsSequences: false)", input: [4, 3],
            output: [2],
            parameters: ["weight_ih_l0": [8, 3], "weight_hh_l0": [8, 2], "bias_ih_l0": [8], "bias_hh_l0": [8]]),
        LayerCheck(
            configuration: ["gru": ["units": 2, "bidirectional": true, "returnSequences": true, "bias": false]],
            description: "GRU(3, 2, bias: false, bidirectional: true)", input: [4, 3], output: [4, 4],
            parameters: [
                "weight_ih_l0": [6, 3], "weight_hh_l0": [6, 2], "weight_ih_l0_reverse": [6, 3],
                "weight_hh_l0_reverse": [6, 2],
            ]),
        LayerCheck(
            configuration: ["rnn": ["units": 2, "layers": 2, "dropout": 0.5, "nonlinearity": "tanh"]],
            description: "RNN(3, 2, layers: 2, dropout: 0.5, returnsSequences: false)", input: [4, 3], output: [2],
            parameters: [
                "weight_ih_l0": [2, 3], "weight_hh_l0": [2, 2], "bias_ih_l0": [2], "bias_hh_l0": [2],
                "weight_ih_l1": [2, 2], "weight_hh_l1": [2, 2], "bias_ih_l1": [2], "bias_hh_l1": [2],
            ], dependsOnMode: true),
        LayerCheck(
            configuration: ["linear": ["units": 3]], description: "Linear(4, 3)", input: [5, 4], output: [5, 3],
            parameters: ["weight": [3, 4], "bias": [3]]),
        LayerCheck(configuration: "gelu", description: "GELU()", input: [6], output: [6]),
        LayerCheck(
            configuration: ["gelu": ["approximation": "tanh"]], description: "GELU(tanh)", input: [6], output: [6]),
        LayerCheck(configuration: "silu", description: "SiLU()", input: [6], output: [6]),
        LayerCheck(
            configuration: "layerNorm", description: "LayerNorm([4])", input: [3, 4], output: [3, 4],
            parameters: ["weight": [4], "bias": [4]]),
        LayerCheck(
            configuration: ["layerNorm": ["affine": false, "eps": 0.01]], description: "LayerNorm([5], affine: false)",
            input: [5], output: [5]),
        LayerCheck(
            configuration: ["layerNorm": ["shape": [2, 3]]], description: "LayerNorm([2, 3])", input: [2, 3],
            output: [2, 3], parameters: ["weight": [2, 3], "bias": [2, 3]]),
        LayerCheck(
            configuration: "rmsNorm", description: "RMSNorm([4])", input: [3, 4], output: [3, 4],
            parameters: ["weight": [4]]),
        LayerCheck(
            configuration: ["rmsNorm": ["affine": false]], description: "RMSNorm([5], affine: false)", input: [5],
            output: [5]),
        LayerCheck(
            configuration: ["embedding": ["units": 3, "vocabulary": 6]], description: "Embedding(6, 3)", input: [4],
            output: [4, 3], parameters: ["weight": [6, 3]], symbols: 6),
        LayerCheck(
            configuration: ["embedding": ["units": 3, "vocabulary": 6, "paddingIndex": 2]],
            description: "Embedding(6, 3, paddingIndex: 2)", input: [2, 2], output: [2, 2, 3],
            parameters: ["weight": [6, 3]], symbols: 6),
        LayerCheck(
            configuration: "positionalEmbedding", description: "PositionalEmbedding(4, 3)", input: [4, 3],
            output: [4, 3], parameters: ["weight": [4, 3]]),
        LayerCheck(
            configuration: ["multiHeadAttention": ["heads": 2, "causal": true]],
            description: "MultiHeadAttention(4, heads: 2, causal)", input: [3, 4], output: [3, 4],
            parameters: [
                "in_proj_weight": [12, 4], "in_proj_bias": [12], "out_proj.weight": [4, 4], "out_proj.bias": [4],
            ]),
        LayerCheck(
            configuration: ["multiHeadAttention": ["heads": 1, "dropout": 0.4, "bias": false]],
            description: "MultiHeadAttention(4, heads: 1, dropout: 0.4, bias: false)", input: [3, 4], output: [3, 4],
            parameters: ["in_proj_weight": [12, 4], "out_proj.weight": [4, 4]], dependsOnMode: true),
        LayerCheck(
            configuration: ["transformerBlock": ["heads": 2, "hidden": 5, "causal": true, "dropout": 0]],
            description: "TransformerBlock(4, heads: 2, hidden: 5, causal)", input: [3, 4], output: [3, 4],
            parameters: blockParameters(4, hidden: 5)),
        LayerCheck(
            configuration: ["transformerBlock": ["heads": 1, "dropout": 0.3, "normalizesFirst": false]],
            description: "TransformerBlock(4, heads: 1, hidden: 16, dropout: 0.3, normalizesFirst: false)",
            input: [3, 4], output: [3, 4], parameters: blockParameters(4, hidden: 16), dependsOnMode: true),
    ]

    private static func blockParameters(_ width: Int, hidden: Int) -> [String: Shape] {
        [
            "self_attn.in_proj_weight": [3 * width, width], "self_attn.in_proj_bias": [3 * width],
            "self_attn.out_proj.weight": [width, width], "self_attn.out_proj.bias": [width],
            "linear1.weight": [hidden, width], "linear1.bias": [hidden], "linear2.weight": [width, hidden],
            "linear2.bias": [width], "norm1.weight": [width], "norm1.bias": [width], "norm2.weight": [width],
            "norm2.bias": [width],
        ]
    }

    @Test(arguments: checks.indices) func layer(index: Int) throws { try Self.checks[index].run() }

    @Test func noneIsLeftOut() {
        let checked = Self.checks.map { check in
            if case .map(let entries) = check.configuration { return entries[0].key }
            guard case .string(let name) = check.configuration else { return "" }
            return name
        }
        #expect(Set(checked) == Set(Registry<any LayerSpecification>.standard.names))
    }

    @Test func wrongShapesAreErrors() {
        let context = LayerContext(input: [1, 8, 8], outputs: 10)
        #expect(throws: EspalierError.self) { try LinearSpecification().makeLayer(context) }
        #expect(throws: EspalierError.self) {
            try BatchNormSpecification().makeLayer(LayerContext(input: [], outputs: 1))
        }
        let registry = Registry<any LayerSpecification>.standard
        let misfits: [(ConfigurationValue, Shape)] = [
            ("instanceNorm", [4]), ("instanceNorm", [4, 1]), (["groupNorm": ["groups": 3]], [4, 2]),
            (["groupNorm": ["groups": 4]], [4]), (["upsample": ["scale": 2]], [4]),
            (["upsample": ["scale": 2, "mode": "bilinear"]], [1, 4]),
            (["upsample": ["size": [4]]], [1, 4, 4]), (["upsample": ["scale": 0.1]], [1, 4, 4]),
            (["conv2d": ["channels": 2, "kernelSize": 3]], [4]),
            (["sequential": ["layers": [["conv1d": ["channels": 2, "kernelSize": 9]]]]], [2, 2]),
            (["layerNorm": ["shape": [3, 4]]], [4, 3]), ("layerNorm", []), ("rmsNorm", []), ("dropout2d", []),
            ("positionalEmbedding", [4]), (["lstm": ["units": 2]], [4]),
            (["multiHeadAttention": ["heads": 1]], [4]), (["transformerBlock": ["heads": 1]], [4]),
            (["transformerBlock": ["heads": 4]], [5, 6]),
            ("glu", [3]), (["glu": ["axis": 3]], [4, 2]), (["softmax": ["axis": 2]], [4]), ("logSoftmax", []),
            (["pReLU": ["perChannel": true]], []), (["weightNorm": ["layer": "relu"]], [4]),
            (["spectralNorm": ["layer": ["lstm": ["units": 2]]]], [3, 4]),
            (["weightNorm": ["layer": ["linear": ["units": 2, "initializer": "lsuv"]]]], [4]),
            (["sequential": ["layers": [["linear": ["units": 2, "initializer": "dirac"]]]]], [4]),
            (["sequential": ["layers": [["gru": ["units": 2, "initializer": "lsuv"]]]]], [3, 4]),
            (
                ["sequential": ["layers": [["conv1d": ["channels": 2, "kernelSize": 1, "initializer": "identity"]]]]],
                [2, 3]
            ),
        ]
        for (configuration, input) in misfits {
            #expect(throws: EspalierError.self, "\(configuration) of \(input)") {
                try registry.read(ConfigurationNode(configuration))
                    .makeLayer(LayerContext(input: input, outputs: 1))
            }
        }
    }

    @Test(
        arguments: [
            ["linear": ["units": 0]], ["linear": [:]], ["linear": ["units": 3, "unit": 3]], ["dropout": ["p": 1]],
            ["dropout": ["p": -0.1]], ["dropout2d": ["p": 1.2]], ["alphaDropout": ["p": 1]],
            ["gaussianDropout": ["p": -1]], ["gaussianNoise": ["std": -1]], ["stochasticDepth": ["p": 1]],
            ["batchNorm": ["eps": 0]], ["batchNorm": ["momentum": 1.5]], "linaer",
            ["relu": ["slope": 1]], ["sequential": ["layers": []]], ["sequential": ["layers": ["linaer"]]],
            ["groupNorm": ["groups": 0]], ["groupNorm": [:]], ["upsample": ["scale": 0]], ["upsample": ["size": [0]]],
            ["upsample": ["scale": 2, "alignCorners": true]],
            ["lstm": [:]], ["gru": ["units": 0]],
            ["rnn": ["units": 2, "nonlinearity": "sine"]],
            ["lstm": ["units": 2, "dropout": 1]], ["lstm": ["units": 2, "layers": 0]],
            ["gelu": ["approximation": "sigmoid"]], "embedding",
            ["embedding": ["units": 2, "vocabulary": 0]],
            ["embedding": ["units": 2, "vocabulary": 3, "paddingIndex": 3]], ["layerNorm": ["eps": 0]],
            ["leakyReLU": ["negativeSlope": -1]], ["rReLU": ["lower": 0.5]], ["elu": ["alpha": 0]],
            ["celu": ["alpha": -1]],
            ["softplus": ["beta": 0]], ["hardTanh": ["minimum": 1]], ["glu": ["axis": 0]], ["softmax": ["axis": 0]],
            "weightNorm", ["spectralNorm": ["layer": "relu", "powerIterations": 0]],
            ["spectralNorm": ["layer": "relu", "eps": 0]],
            ["transformerBlock": ["heads": 0]], ["transformerBlock": ["heads": 1, "dropout": 1]], "multiHeadAttention",
        ] as [ConfigurationValue])
    func wrongSettingsAreErrors(_ value: ConfigurationValue) {
        #expect(throws: EspalierError.self) {
            try Registry<any LayerSpecification>.standard.read(ConfigurationNode(value))
        }
    }
}
