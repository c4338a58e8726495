import CKernels
import EspalierGraph
import Foundation
import Testing

/// The elementary functions of the kernels, against the platform's in double precision.
@Suite struct VectorMathTests {
    @Test(arguments: ElementaryFunction.allCases)
    func errorOverAllFloatsStaysWithinItsBound(function: ElementaryFunction) {
        // A prime stride, so that every exponent is met with many significands: about a million floats.
        let patterns = stride(from: UInt32(0), through: .max - 4099, by: 4099)
        expectAccurate(function, at: patterns.map(Float.init(bitPattern:)))
    }

    @Test(arguments: ElementaryFunction.allCases)
    func errorAroundCriticalPointsStaysWithinItsBound(function: ElementaryFunction) {
        expectAccurate(function, at: criticalPoints.flatMap { neighbours(of: $0, count: 200) })
    }

    @Test(arguments: ElementaryFunction.allCases)
    func nothingDependsOnThePlaceInTheArray(function: ElementaryFunction) {
        let inputs = (0..<67).map { Float($0 - 33) * 0.37 }
        let outputs = function.values(at: inputs)
        for start in 0..<inputs.count {
            let part = function.values(at: Array(inputs[start...]))
            #expect(part.map(\.bitPattern) == outputs[start...].map(\.bitPattern), "from \(start) on")
        }
    }

    @Test(arguments: ElementaryFunction.allCases)
    func specialValuesAreExact(function: ElementaryFunction) {
        for (input, expected) in function.specialValues {
            // Nine, so that vector code and what is left over both meet it.
            for output in function.values(at: Array(repeating: input, count: 9)) {
                #expect(isIdentical(output, expected), "\(function)(\(input)) is \(output), expected \(expected)")
            }
        }
    }

    @Test func powerIsRightForAllPairsOfSpecialValues() {
        let values: [Float] = [
            0, 0.5, 1, 1.5, 2, 3, 126, 127, 128, 149, 150, 4_194_303.5, 0x1p23 - 1, 0x1p23 + 1, 0x1p24 - 1, 0x1p24,
            Float(1).nextUp, Float(1).nextDown, .leastNonzeroMagnitude, .leastNormalMagnitude,
            .greatestFiniteMagnitude, .infinity, .nan,
        ]
        let all = values + values.map { -$0 }
        for base in all {
            expectAccuratePower(Array(repeating: base, count: all.count), all)
        }
    }

    @Test func powerStaysWithinItsBoundForRandomPairs() {
        var random = RandomStream(seed: 1, "power")
        let count = 200_000
        let anything = (0..<count).map { _ in Float(bitPattern: random.next()) }
        expectAccuratePower(anything, anything.reversed())
        expectAccuratePower(anything, anything.map { _ in Float(Int.random(in: -200...200, using: &random)) })
        // Exponents that make the result any float at all, the subnormal ones included.
        let bases = anything.map { abs($0) }.filter { $0.isFinite && $0 != 0 && $0 != 1 }
        expectAccuratePower(
            bases, bases.map { Float(Double.random(in: -150...128, using: &random) / log2(Double($0))) })
        let nearOne = (0..<count).map { _ in 1 + Float(Int.random(in: -100_000...100_000, using: &random)) * 0x1p-24 }
        expectAccuratePower(nearOne, nearOne.map { _ in Float.random(in: -1e6...1e6, using: &random) })
    }
}

enum ElementaryFunction: CaseIterable {
    case exp, expm1, log, log1p, tanh, sigmoid, erf, sin, cos

    func values(at inputs: [Float]) -> [Float] {
        var outputs = [Float](repeating: 0, count: inputs.count)
        array(inputs, &outputs, inputs.count)
        return outputs
    }

    private var array: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void {
        switch self {
        case .exp: espalier_vm_exp
        case .expm1: espalier_vm_expm1
        case .log: espalier_vm_log
        case .log1p: espalier_vm_log1p
        case .tanh: espalier_vm_tanh
        case .sigmoid: espalier_vm_sigmoid
        case .erf: espalier_vm_erf
        case .sin: espalier_vm_sin
        case .cos: espalier_vm_cos
        }
    }

    func reference(_ x: Double) -> Double {
        switch self {
        case .exp: Foundation.exp(x)
        case .expm1: Foundation.expm1(x)
        case .log: Foundation.log(x)
        case .log1p: Foundation.log1p(x)
        case .tanh: Foundation.tanh(x)
        case .sigmoid: 1 / (1 + Foundation.exp(-x))
        case .erf: Foundation.erf(x)
        case .sin: Foundation.sin(x)
        case .cos: Foundation.cos(x)
        }
    }

    /// The largest error that `vector_math.h` states, in units in the last place.
    var bound: Double {
        switch self {
        case .exp: 1.1
        case .expm1: 1.6
        case .log: 1.0
        case .log1p: 1.7
        case .tanh: 2.7
        case .sigmoid: 2.4
        case .erf: 1.1
        case .sin, .cos: 1.7
        }
    }

    var specialValues: [(Float, Float)] {
        let infinity = Float.infinity, tiny = Float.leastNonzeroMagnitude
        let odd: [(Float, Float)] = [(0, 0), (-0.0, -0.0), (.nan, .nan)]
        return switch self {
        case .exp:
            [
                (0, 1), (-0.0, 1), (tiny, 1), (infinity, infinity), (-infinity, 0), (.nan, .nan), (89, infinity),
                (88.72284, infinity), (-103, tiny), (-104, 0), (-200, 0), (.greatestFiniteMagnitude, infinity),
            ]
        case .expm1:
            odd + [(infinity, infinity), (-infinity, -1), (tiny, tiny), (-tiny, -tiny), (-30, -1), (89, infinity)]
        case .log:
            [
                (0, -infinity), (-0.0, -infinity), (1, 0), (infinity, infinity), (-infinity, .nan), (.nan, .nan),
                (-tiny, .nan), (-1, .nan), (tiny, -103.27893),
            ]
        case .log1p:
            odd + [
                (-1, -infinity), (infinity, infinity), (-infinity, .nan), (tiny, tiny), (-tiny, -tiny), (-1.5, .nan),
                (Float(-1).nextDown, .nan), (.greatestFiniteMagnitude, 88.72284),
            ]
        case .tanh, .erf:
            odd + [(infinity, 1), (-infinity, -1), (12, 1), (-12, -1)]
                + (self == .tanh ? [(tiny, tiny), (-tiny, -tiny)] : [])
        case .sigmoid:
            [(0, 0.5), (-0.0, 0.5), (infinity, 1), (-infinity, 0), (.nan, .nan), (100, 1), (-103, tiny), (-200, 0)]
        case .sin:
            odd + [(infinity, .nan), (-infinity, .nan), (tiny, tiny), (-tiny, -tiny)]
        case .cos:
            [(0, 1), (-0.0, 1), (infinity, .nan), (-infinity, .nan), (.nan, .nan), (tiny, 1)]
        }
    }
}

/// Where a function, or the way it is computed, changes its nature; both signs.
private let criticalPoints: [Float] = {
    let limits: [Float] = [
        0, .leastNormalMagnitude, .greatestFiniteMagnitude, 1, 2, 0.5, 2.0 / 3, 4.0 / 3, 0.785, 0.92, 4, 16.6, 20,
        87.33655,
        88.37626, 88.72284, 89, 103.27893, 103.97208, 105, 0x1p24, 0x1p31, 0x1p63, 0x1p100,
    ]
    let turns = (1...64).map { Float(Double($0) * .pi / 4) }
    let steps = (0...150).map { Float((Double($0) + 0.5) * log(2)) }
    // The float closest to a multiple of pi / 2 of all.
    let closest: [Float] = [16367173 * 0x1p72]
    let points = limits + turns + steps + closest
    return points + points.map { -$0 }
}()

private func neighbours(of point: Float, count: UInt32) -> [Float] {
    let middle = point.bitPattern
    return (0...2 * count).map { Float(bitPattern: middle &- count &+ $0) }
}

/// How far `value` is from `exact`, in units in the last place of `exact` as a float; infinity if in nature.
private func error(of value: Float, from exact: Double) -> Double {
    if value.isNaN || exact.isNaN { return value.isNaN && exact.isNaN ? 0 : .infinity }
    if value.sign != exact.sign { return .infinity }
    // Past the largest float, the next power of two stands for infinity.
    let limit = 0x1p128
    let near = min(abs(Double(value)), limit), far = min(abs(exact), limit)
    let exponent = far == 0 ? -126 : min(max(Int(far.exponent), -126), 127)
    return abs(near - far) / scalbn(1.0, exponent - 23)
}

private func isIdentical(_ a: Float, _ b: Float) -> Bool {
    a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
}

private func expectAccurate(_ function: ElementaryFunction, at inputs: [Float]) {
    var worst = (error: 0.0, input: Float(0), output: Float(0))
    for (input, output) in zip(inputs, function.values(at: inputs)) {
        let error = error(of: output, from: function.reference(Double(input)))
        if error > worst.error { worst = (error, input, output) }
    }
    #expect(worst.error <= function.bound, "\(function)(\(worst.input)) is \(worst.output)")
}

private func expectAccuratePower(_ bases: [Float], _ exponents: [Float]) {
    var outputs = [Float](repeating: 0, count: bases.count)
    espalier_vm_pow(bases, exponents, &outputs, bases.count)
    var worst = (error: 0.0, base: Float(0), exponent: Float(0), output: Float(0))
    for (index, output) in outputs.enumerated() {
        let exact = pow(Double(bases[index]), Double(exponents[index]))
        let error = error(of: output, from: exact)
        if error > worst.error { worst = (error, bases[index], exponents[index], output) }
    }
    #expect(worst.error <= 0.51, "\(worst.base) to the power \(worst.exponent) is \(worst.output)")
}
