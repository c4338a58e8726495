import EspalierGraph
import EspalierSpec

/// The activations that `EveryLayerTests` checks.
enum ActivationChecks {
    static let all: [LayerCheck] = [
        LayerCheck(configuration: "leakyReLU", description: "LeakyReLU(0.01)", input: [6], output: [6]),
        LayerCheck(
            configuration: ["leakyReLU": ["negativeSlope": 0.3]], description: "LeakyReLU(0.3)", input: [2, 3],
            output: [2, 3]),
        LayerCheck(
            configuration: ["rReLU": ["lower": 0.25, "upper": 0.5]], description: "RReLU(0.25, 0.5)", input: [6],
            output: [6], dependsOnMode: true),
        LayerCheck(
            configuration: "pReLU", description: "PReLU()", input: [6], output: [6], parameters: ["weight": [1]]),
        LayerCheck(
            configuration: ["pReLU": ["perChannel": true, "initialSlope": 0.1]], description: "PReLU(3)",
            input: [3, 2],
            output: [3, 2], parameters: ["weight": [3]]),
        LayerCheck(configuration: "relu6", description: "ReLU6()", input: [6], output: [6]),
        LayerCheck(configuration: "elu", description: "ELU(1.0)", input: [6], output: [6]),
        LayerCheck(configuration: ["elu": ["alpha": 0.5]], description: "ELU(0.5)", input: [6], output: [6]),
        LayerCheck(configuration: "selu", description: "SELU()", input: [6], output: [6]),
        LayerCheck(configuration: ["celu": ["alpha": 1.5]], description: "CELU(1.5)", input: [6], output: [6]),
        LayerCheck(configuration: "mish", description: "Mish()", input: [6], output: [6]),
        LayerCheck(configuration: "softplus", description: "Softplus(threshold: 20.0)", input: [6], output: [6]),
        LayerCheck(
            configuration: ["softplus": ["beta": 2, "threshold": 30]],
            description: "Softplus(beta: 2.0, threshold: 30.0)", input: [6], output: [6]),
        LayerCheck(configuration: "softsign", description: "Softsign()", input: [6], output: [6]),
        LayerCheck(
            configuration: ["hardTanh": ["minimum": -0.55, "maximum": 0.65]], description: "HardTanh(-0.55, 0.65)",
            input: [6], output: [6]),
        LayerCheck(configuration: "hardSigmoid", description: "HardSigmoid()", input: [6], output: [6]),
        LayerCheck(configuration: "hardSwish", description: "HardSwish()", input: [6], output: [6]),
        LayerCheck(configuration: "glu", description: "GLU(axis: -1)", input: [6], output: [3]),
        LayerCheck(
            configuration: ["glu": ["axis": 1]], description: "GLU(axis: 1)", input: [4, 3], output: [2, 3]),
        LayerCheck(configuration: "softmax", description: "Softmax()", input: [6], output: [6]),
        LayerCheck(
            configuration: ["softmax": ["axis": 1]], description: "Softmax(axis: 1)", input: [3, 4], output: [3, 4]),
        LayerCheck(configuration: "logSoftmax", description: "LogSoftmax()", input: [6], output: [6]),
        LayerCheck(
            configuration: ["logSoftmax": ["axis": -2]], description: "LogSoftmax(axis: -2)", input: [3, 4],
            output: [3, 4]),
        LayerCheck(configuration: "exponential", description: "Exponential()", input: [6], output: [6]),
        LayerCheck(
            configuration: ["thresholded": ["threshold": 0.05, "value": -2]], description: "Thresholded(0.05, -2.0)",
            input: [6], output: [6]),
    ]
}

/// The layers with another inside, whose weight they normalise, that `EveryLayerTests` checks.
///
/// The power method begins with 15 iterations: of smaller matrices these would leave nothing for a step to change.
enum ReparametrizationChecks {
    static let all: [LayerCheck] = [
        LayerCheck(
            configuration: ["weightNorm": ["layer": ["linear": ["units": 3]]]], description: "WeightNorm(Linear(4, 3))",
            input: [4], output: [3],
            parameters: [
                "bias": [3], "parametrizations.weight.original0": [3, 1], "parametrizations.weight.original1": [3, 4],
            ]),
        LayerCheck(
            configuration: ["weightNorm": ["layer": ["conv2d": ["channels": 2, "kernelSize": 2, "bias": false]]]],
            description: "WeightNorm(Conv2d(2, 2, kernelSize: 2, bias: false))", input: [2, 3, 3], output: [2, 2, 2],
            parameters: [
                "parametrizations.weight.original0": [2, 1, 1, 1], "parametrizations.weight.original1": [2, 2, 2, 2],
            ]),
        LayerCheck(
            configuration: ["spectralNorm": ["layer": ["linear": ["units": 12]]]],
            description: "SpectralNorm(Linear(14, 12))", input: [14], output: [12],
            parameters: ["bias": [12], "parametrizations.weight.original": [12, 14]],
            statistics: ["parametrizations.weight.0._u": [12], "parametrizations.weight.0._v": [14]],
            dependsOnMode: true, differentiable: [.inference]),
        LayerCheck(
            configuration: [
                "spectralNorm": [
                    "layer": ["convTransposed1d": ["channels": 8, "kernelSize": 2, "bias": false]],
                    "powerIterations": 2,
                ]
            ],
            description: "SpectralNorm(ConvTransposed1d(7, 8, kernelSize: 2, bias: false), powerIterations: 2)",
            input: [7, 3], output: [8, 4], parameters: ["parametrizations.weight.original": [7, 8, 2]],
            statistics: ["parametrizations.weight.0._u": [8], "parametrizations.weight.0._v": [14]],
            dependsOnMode: true, differentiable: [.inference]),
    ]
}
