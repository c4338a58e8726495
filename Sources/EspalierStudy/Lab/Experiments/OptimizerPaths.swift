import EspalierEngine
import EspalierGraph
import EspalierNN
import EspalierSpec
import Foundation

/// The ways of four optimisers down a long valley: figures 6-3 to 6-8 of "Deep Learning from Scratch".
public struct OptimizerPaths: LabExperiment {
    public static let name = "optimizerPaths"
    public static let summary = "How SGD, momentum, AdaGrad and Adam go down x^2/20 + y^2 from (-7, 2)"
    public static let lesson = """
        Where a function is steep one way and flat the other, the gradient points across the valley and not along it, so \
        that plain descent goes zigzag. Momentum adds up what the steps have in common, which is the way along; AdaGrad \
        and Adam scale each coordinate by the gradients that it has had. Momentum and Adam overshoot the lowest point \
        and come back.
        """
    public static let fields: [Field<Self>] = []

    public init() {}

    private static let steps = 30
    private static let expected: [(name: String, optimizer: any Optimizer, end: (x: Double, y: Double))] = [
        ("SGD", SGD(learningRate: 0.95), (-0.350, 0.085)),
        ("momentum", Momentum(learningRate: 0.1, momentum: 0.9, rateInVelocity: true), (0.896, 0.088)),
        ("AdaGrad", AdaGrad(learningRate: 1.5, eps: 1e-7), (-0.120, 0)),
        ("Adam", Adam(learningRate: 0.3, eps: 1e-7, epsPlace: .uncorrected), (0.136, 0.318)),
    ]

    /// The places that the optimiser comes to, the first one included.
    private static func path(_ optimizer: any Optimizer) throws -> [(x: Double, y: Double)] {
        let place = Tensor([-7, 2] as [Float], [2]), step = Tensor.input("step", [])
        let height = (Tensor([1 / 20, 1] as [Float], [2]) * place.squared()).sum()
        let slots = optimizer.slots.map { Tensor(Storage(count: 2), [2], name: $0) }
        let next = optimizer.update(
            place, gradient: height.gradients(by: [place])[0], slots: slots,
            learningRate: Tensor(optimizer.learningRate), step: step)
        let updates = zip([place] + slots, [next.parameter] + next.slots).map { Computation.Update($0, $1) }
        let plan = try Engine.current.compile(Computation(inputs: [step], outputs: [place + 0], updates: updates))
        var path: [(x: Double, y: Double)] = []
        // What a step puts out is the place that it leaves.
        for number in 1...steps + 1 {
            plan.input(0).floats[0] = Float(number)
            try plan.run()
            path.append((Double(plan.output(0)[0]), Double(plan.output(0)[1])))
        }
        return path
    }

    public func run(in lab: Lab) throws -> LabResult {
        let paths = try Self.expected.map { try Self.path($0.optimizer) }
        let measurements = zip(Self.expected, paths).flatMap { expected, path in
            let end = path[path.count - 1]
            return [
                LabMeasurement(
                    "\(expected.name): x after \(Self.steps)", end.x,
                    expected: expected.end.x - 0.0005...expected.end.x + 0.0005),
                LabMeasurement(
                    "\(expected.name): y after \(Self.steps)", end.y,
                    expected: expected.end.y - 0.0005...expected.end.y + 0.0005),
            ]
        }
        let contours = [0.25, 0.5, 1, 2, 3, 4, 5, 6, 8].map { level in
            let angles = (0...60).map { 2 * Double.pi * Double($0) / 60 }
            return LabFigure.Plane.Path(
                name: "\(level)", x: angles.map { (20 * level).squareRoot() * cos($0) },
                y: angles.map { level.squareRoot() * sin($0) })
        }
        let plane = LabFigure.Plane(
            x: -10...10, y: -5...5, contours: contours,
            paths: zip(Self.expected, paths).map {
                .init(name: $0.name, x: $1.map(\.x), y: $1.map(\.y))
            })
        return LabResult(
            data: "f(x, y) = x^2/20 + y^2", measurements: measurements,
            figures: [
                LabFigure(
                    "Ways down the valley",
                    "\(Self.steps) steps from (-7, 2) over contours of x²/20 + y²; + marks the lowest point.",
                    .plane(plane))
            ],
            notes: ["Exact: to three digits these are the book's own numbers, with no random draw."])
    }
}
