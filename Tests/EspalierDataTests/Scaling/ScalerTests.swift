import EspalierGraph
import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

@Suite struct ScalerTests {
    func table(_ inputs: [Float], shape: [Int] = [2], range: ClosedRange<Float>? = nil) throws -> Dataset {
        let rows = inputs.count / shape.reduce(1, *)
        return try Dataset(
            name: "table", sampleShape: shape, inputs: inputs,
            targets: .values((0..<rows).map { Float($0) * 10 }, width: 1, names: ["y"]), inputRange: range)
    }

    @Test func standardHasTheStatisticsOfThePopulation() throws {
        let data = try table([1, 10, 2, 10, 3, 40])
        let scaler = try Scaler(.standard, fittingInputsOf: data)
        #expect(scaler.offset == [2, 20])
        #expect(abs(1 / scaler.factor[0] - (2.0 / 3).squareRoot()) < 1e-15)
        #expect(abs(1 / scaler.factor[1] - 200.0.squareRoot()) < 1e-13)
    }

    @Test func standardisedDataHasMeanZeroAndDeviationOne() throws {
        var random = RandomStream(seed: 2, "scaler")
        // A mean of a million deviations, where a sum of squares in one pass would have no digit left.
        let inputs = (0..<4000).map { Float($0 % 2 == 0 ? random.normal() : 1000 + random.normal() * 1e-2) }
        var data = try table(inputs)
        try data.scale(by: Scaler(.standard, fittingInputsOf: data))
        let statistics = ColumnStatistics(of: data.inputs, columns: 2, columnSize: 1)
        for column in 0..<2 {
            #expect(abs(statistics.mean[column]) < 1e-6)
            #expect(abs(statistics.variance[column] - 1) < 1e-5)
        }
    }

    @Test func minMaxFillsZeroToOne() throws {
        var data = try table([1, -10, 2, 10, 5, 0])
        try data.scale(by: Scaler(.minMax, fittingInputsOf: data))
        #expect(data.inputs == [0, 0, 0.25, 1, 1, 0.5])
    }

    @Test func unitDividesByTheKnownRange() throws {
        var data = try table([0, 4, 8, 16], range: 0...16)
        try data.scale(by: Scaler(.unit, fittingInputsOf: data))
        #expect(data.inputs == [0, 0.25, 0.5, 1])
        #expect(data.inputRange == 0...1)
        let error = failure { try Scaler(.unit, fittingInputsOf: table([1, 2])) }
        #expect(error?.what == "scale is unit, but the range of the values is not known")
    }

    @Test func noneChangesNothing() throws {
        let data = try table([0, 4, 8, 16], range: 0...16)
        var scaled = data
        try scaled.scale(by: Scaler(.none, fittingInputsOf: data), targets: Scaler(.none, fittingTargetsOf: data))
        #expect(scaled == data)
    }

    @Test(arguments: [Scaling.minMax, .standard])
    func constantColumnsBecomeZero(_ scaling: Scaling) throws {
        let data = try table([0.1, 1, 0.1, 2, 0.1, 3])
        let scaler = try Scaler(scaling, fittingInputsOf: data)
        var values: [Float] = [0.1, 2, 7, 2]
        scaler.apply(to: &values)
        #expect(values[0] == 0 && values[2] == 0)
        scaler.invert(&values)
        #expect(values[0] == 0.1 && values[2] == 0.1)
    }

    @Test(arguments: Scaling.allCases) func inverseRestoresTheData(_ scaling: Scaling) throws {
        var random = RandomStream(seed: 4, "inverse")
        let data = try table((0..<1000).map { _ in Float(random.uniform() * 100) }, range: 0...100)
        let scaler = try Scaler(scaling, fittingInputsOf: data)
        var values = data.inputs
        scaler.apply(to: &values)
        scaler.invert(&values)
        #expect(zip(values, data.inputs).allSatisfy { abs($0 - $1) <= 1e-5 })
    }

    @Test func imagesHaveOneStatisticPerChannel() throws {
        let data = try table([0, 2, 4, 6, 100, 100, 100, 100, 1, 3, 5, 7, 200, 200, 200, 200], shape: [2, 2, 2])
        let scaler = try Scaler(.minMax, fittingInputsOf: data)
        #expect(scaler.offset == [0, 100])
        #expect(scaler.factor == [1 / 7.0, 0.01])
        var values = data.inputs
        scaler.apply(to: &values)
        #expect(values[11] == 1 && values[3] == Float(6 / 7.0) && values[4] == 0 && values[15] == 1)
    }

    @Test func onlyTheTrainingRowsAreFitted() throws {
        var split = DataSplit(
            train: try table([0, 0, 10, 20]), validation: try table([20, 40]), test: try table([-10, 0]))
        let scalers = try split.scale(.minMax, targets: .standard)
        #expect(scalers.inputs.offset == [0, 0] && scalers.inputs.factor == [0.1, 0.05])
        #expect(split.train.inputs == [0, 0, 1, 1])
        #expect(split.validation?.inputs == [2, 2])
        #expect(split.test?.inputs == [-1, 0])
        #expect(scalers.targets?.offset == [5])
        #expect(split.train.targets == .values([-1, 1], width: 1, names: ["y"]))
        #expect(split.test?.targets == .values([-1], width: 1, names: ["y"]))
    }

    @Test func classesHaveNoTargetScale() throws {
        var split = DataSplit(train: try classes([0, 1], count: 2))
        #expect(failure { try split.scale(.none, targets: .standard) }?.expected == "targetScale only for regression")
        var values = DataSplit(train: try table([0, 1]))
        #expect(failure { try values.scale(.none, targets: .unit) }?.what.hasPrefix("targetScale is unit") == true)
    }

    @Test func aNumberThatScalingMakesInfiniteIsNamed() throws {
        var split = DataSplit(train: try table([0, 0, 1e-30, 1]), test: try table([0, 0, 1e20, 0]))
        let error = failure { try split.scale(.minMax) }
        #expect(error?.location == "table, row 2, column \"1\"")
        #expect(error?.what == "after scaling, the value is inf")
    }

    @Test func survivesWritingAndReading() throws {
        let scaler = try Scaler(.standard, fittingInputsOf: table([1, 10, 2, 10, 3, 41]))
        #expect(try JSONDecoder().decode(Scaler.self, from: JSONEncoder().encode(scaler)) == scaler)
    }
}
