import EspalierEngine
import EspalierGraph
import EspalierSpec
import Testing

@testable import EspalierNN

/// What must hold between optimisers, and of each by itself, in double precision.
@Suite(.serialized) struct OptimizerIdentityTests {
    /// Steps of one parameter along given gradients, or along those of a function; the values after each.
    func path(
        _ optimizer: any Optimizer, from start: ReferenceArray, steps: Int, rate: (Int) -> Double,
        gradient: ([Double], Int) -> [Double]
    ) -> [[Double]] {
        let shape = start.shape
        let w = Tensor.input("w", shape), g = Tensor.input("g", shape)
        let lr = Tensor.input("rate", []), t = Tensor.input("t", [])
        let slots = zip(optimizer.slots, optimizer.slotShapes(for: shape)).map { Tensor.input($0, $1) }
        let update = optimizer.update(
            optimizer.decayed(w, learningRate: lr), gradient: g, slots: slots, learningRate: lr, step: t)
        var values = [start] + slots.map { ReferenceArray($0.shape, repeating: 0) }
        return (1...steps).map { step in
            var feed = [lr: ReferenceArray([], [rate(step)]), t: ReferenceArray([], [Double(step)])]
            for (leaf, value) in zip([w] + slots, values) { feed[leaf] = value }
            feed[g] = ReferenceArray(shape, gradient(values[0].values, step))
            values = Reference.evaluate([update.parameter] + update.slots, feed)
            return values[0].values
        }
    }

    /// On sum of c_i w_i^2 / 2 from 1, with c from 0.1 to 2.
    func descent(_ optimizer: any Optimizer, steps: Int, rate: (Int) -> Double = { _ in 0.1 }) -> [[Double]] {
        path(optimizer, from: ReferenceArray([4], repeating: 1), steps: steps, rate: rate) { w, _ in
            zip(w, [0.1, 0.5, 1, 2]).map { $0 * $1 }
        }
    }

    func expectSame(_ a: [[Double]], _ b: [[Double]]) {
        #expect(zip(a.joined(), b.joined()).allSatisfy { abs($0 - $1) <= 1e-13 * max(1, abs($0)) })
    }

    // Momentum

    @Test func momentumZeroIsDescent() {
        let plain = descent(SGD(), steps: 10)
        for optimizer in [Momentum(momentum: 0), Nesterov(momentum: 0)] as [any Optimizer] {
            expectSame(descent(optimizer, steps: 10), plain)
        }
    }

    @Test func namesOfTheirOwnAreSettingsOfDescent() {
        expectSame(descent(Momentum(dampening: 0.3), steps: 10), descent(SGD(momentum: 0.9, dampening: 0.3), steps: 10))
        expectSame(descent(Nesterov(), steps: 10), descent(SGD(momentum: 0.9, nesterov: true), steps: 10))
    }

    /// The first step from 1 on f = x^2 / 2 at 0.1.
    ///
    /// The two terms of the first step are -lr g and -mu lr g, which is 0.81. With the velocity
    /// taken in twice, as some books print it, it would be 0.729.
    @Test(arguments: [false, true]) func nesterovsFirstStep(rateInVelocity: Bool) {
        let optimizer = Nesterov(learningRate: 0.1, rateInVelocity: rateInVelocity)
        let found = path(optimizer, from: ReferenceArray([], [1]), steps: 1, rate: { _ in 0.1 }) { w, _ in w }
        #expect(abs(found[0][0] - 0.81) < 1e-15)
    }

    /// The gradient of the point ahead, theta + mu v, as the papers have it: the parameters here are that point.
    @Test func nesterovsParametersAreThePointAhead() {
        let curvature = [0.1, 0.5, 1, 2]
        var theta = [Double](repeating: 1, count: 4), v = [Double](repeating: 0, count: 4)
        var expected: [[Double]] = []
        for _ in 1...20 {
            for i in 0..<4 {
                v[i] = 0.9 * v[i] - 0.1 * curvature[i] * (theta[i] + 0.9 * v[i])
                theta[i] += v[i]
            }
            expected.append(zip(theta, v).map { $0 + 0.9 * $1 })
        }
        expectSame(descent(Nesterov(), steps: 20), expected)
    }

    /// While the rate stays as it is; a rate that falls brakes at once only where it stands outside.
    @Test func theRateInsideOfTheVelocityOrOutside() {
        func both(_ rate: (Int) -> Double) -> [([[Double]], [[Double]])] {
            [
                (
                    descent(Momentum(), steps: 12, rate: rate),
                    descent(Momentum(rateInVelocity: true), steps: 12, rate: rate)
                ),
                (
                    descent(Nesterov(), steps: 12, rate: rate),
                    descent(Nesterov(rateInVelocity: true), steps: 12, rate: rate)
                ),
            ]
        }
        for (outside, inside) in both({ _ in 0.1 }) { expectSame(outside, inside) }
        for (outside, inside) in both({ $0 < 5 ? 0.1 : 1e-9 }) {
            #expect(zip(outside[4], outside[3]).allSatisfy { abs($0 - $1) < 1e-7 })
            #expect(zip(inside[4], inside[3]).allSatisfy { abs($0 - $1) > 1e-3 })
        }
    }

    // Adaptive ones

    /// AdaGrad: after n equal gradients the step is lr / sqrt(n), whatever their size; a larger one shortens what follows.
    @Test(arguments: [1e-3, 1, 1e3]) func adaGradsSteps(size: Double) {
        let found = path(AdaGrad(eps: 1e-30), from: ReferenceArray([], [0]), steps: 9, rate: { _ in 1 }) { _, _ in
            [size]
        }
        for n in 2...9 { #expect(abs(found[n - 2][0] - found[n - 1][0] - 1 / Double(n).squareRoot()) < 1e-12) }
        func lastStep(_ first: Double) -> Double {
            let found = path(AdaGrad(), from: ReferenceArray([], [0]), steps: 2, rate: { _ in 1 }) { _, step in
                [step == 1 ? first : size]
            }
            return found[0][0] - found[1][0]
        }
        #expect(lastStep(10 * size) < lastStep(size))
    }

    /// A constant gradient has no variance: centred, its step is g / eps; not centred, it tends to the sign.
    @Test func rmsPropCentred() {
        func step(_ centered: Bool, at n: Int) -> Double {
            let optimizer = RMSProp(alpha: 0.5, eps: 0.1, centered: centered)
            let found = path(optimizer, from: ReferenceArray([], [0]), steps: n, rate: { _ in 1 }) { _, _ in [2] }
            return found[n - 2][0] - found[n - 1][0]
        }
        #expect(abs(step(true, at: 60) - 2 / 0.1) < 1e-3)
        #expect(abs(step(false, at: 60) - 2 / 2.1) < 1e-12)
    }

    /// Rounding must not make a variance negative, whose root is no number.
    @Test(arguments: [0.1, 0.3, 0.7, 1.1]) func rmsPropOfAConstantGradient(size: Double) {
        let optimizer = RMSProp(alpha: 0.5, centered: true)
        let found = path(optimizer, from: ReferenceArray([], [0]), steps: 100, rate: { _ in 1e-9 }) { _, _ in [size] }
        #expect(found[99][0].isFinite)
    }

    /// Book fixture: m holds no learning rate, and the step divides by the corrected second moment: twice the same
    /// gradient moves by lr each time, at any rate.
    @Test func adamsMomentsHoldNoRate() {
        let found = path(Adam(eps: 1e-12), from: ReferenceArray([], [1]), steps: 3, rate: { [0.1, 0.5, 0.01][$0 - 1] })
        {
            _, _ in [3]
        }
        for (value, expected) in zip(found, [0.9, 0.4, 0.39]) { #expect(abs(value[0] - expected) < 1e-10) }
    }

    /// Where gradients only shrink, amsgrad goes on dividing by the largest second moment, so its steps are shorter.
    @Test func amsgradKeepsTheLargest() {
        func distance(_ amsgrad: Bool) -> Double {
            let optimizer = Adam(betas: (0, 0.5), amsgrad: amsgrad)
            let found = path(optimizer, from: ReferenceArray([], [0]), steps: 10, rate: { _ in 1 }) { _, step in
                [step == 1 ? 100 : 1]
            }
            return found[0][0] - found[9][0]
        }
        #expect(distance(true) < 0.3 * distance(false))
    }

    /// AdamW and Adam with L2 differ by what their formulas say.
    ///
    /// Adam with coupled L2 feeds g + lambda w to the moments; AdamW shrinks w by lr lambda and feeds g. Their difference
    /// after one step from zero moments is exactly what the formulas say.
    @Test func adamWIsNotAdamWithL2() {
        let start = ReferenceArray([3], [1, -2, 0.5]), gradient = [0.3, 0.01, -2], decay = 0.1, rate = 0.1, eps = 1e-8
        let decoupled = path(AdamW(weightDecay: decay), from: start, steps: 1, rate: { _ in rate }) { _, _ in gradient }
        let coupled = path(Adam(), from: start, steps: 1, rate: { _ in rate }) { w, _ in
            zip(gradient, w).map { $0 + decay * $1 }
        }
        for index in 0..<3 {
            let w = start.values[index], g = gradient[index], l2 = g + decay * w
            let expected = -rate * decay * w - rate * g / (abs(g) + eps) + rate * l2 / (abs(l2) + eps)
            #expect(abs(decoupled[0][index] - coupled[0][index] - expected) < 1e-13)
        }
        // Under plain descent both are one.
        let descent = path(SGD(), from: start, steps: 1, rate: { _ in rate }) { w, _ in
            zip(gradient, w).map { $0 + decay * $1 }
        }
        for index in 0..<3 {
            let w = start.values[index]
            #expect(abs(descent[0][index] - ((w - rate * decay * w) - rate * gradient[index])) < 1e-15)
        }
    }

    /// rho_t is at most 5 in the first five steps at beta2 = 0.999: these are of the corrected momentum alone, in proportion
    /// to the gradient; from the sixth on the size of gradients no longer counts.
    @Test func rAdamsFirstSteps() {
        func steps(_ size: Double) -> [Double] {
            let found = path(RAdam(eps: 1e-20), from: ReferenceArray([], [0]), steps: 8, rate: { _ in 1 }) { _, _ in
                [size]
            }
            return zip([0] + found.map { $0[0] }, found).map { $0 - $1[0] }
        }
        let one = steps(1), ten = steps(10)
        for t in 0..<5 { #expect(abs(one[t] - 1) < 1e-12 && abs(ten[t] - 10) < 1e-11) }
        for t in 5..<8 {
            #expect(abs(one[t] / ten[t] - 1) < 1e-12)
            let n = Double(t + 1), longest = 1999.0
            var power = 1.0
            for _ in 0...t { power *= 0.999 }
            let rho = longest - 2 * n * power / (1 - power)
            let r = ((rho - 4) * (rho - 2) * longest / ((longest - 4) * (longest - 2) * rho)).squareRoot()
            // v = 1 - beta2^t of the gradient's square, so that the rest is 1.
            #expect(abs(one[t] - r) < 1e-9, "step \(t + 1)")
        }
    }

    /// A second moment so short that it never rests on enough gradients: momentum for ever, and no division by zero.
    @Test func rAdamOfAShortMemory() {
        let found = path(RAdam(betas: (0, 0.6)), from: ReferenceArray([], [0]), steps: 30, rate: { _ in 1 }) { _, _ in
            [2]
        }
        #expect(zip([0] + found.map { $0[0] }, found).allSatisfy { abs($0 - $1[0] - 2) < 1e-12 })
    }

    @Test func lionMovesByTheRate() {
        var last = [Double](repeating: 1, count: 4)
        for values in descent(Lion(), steps: 8, rate: { _ in 0.01 }) {
            #expect(zip(values, last).allSatisfy { abs(abs($0 - $1) - 0.01) < 1e-15 })
            last = values
        }
    }

    @Test func adaDeltasFirstStepIsOfEps() {
        let found = path(AdaDelta(rho: 0.9, eps: 1e-6), from: ReferenceArray([], [0]), steps: 1, rate: { _ in 1 }) {
            _, _ in
            [5]
        }
        #expect(abs(found[0][0] + 1e-3 * 5 / (0.1 * 25 + 1e-6).squareRoot()) < 1e-15)
    }

    // Those that see a parameter by itself

    /// A step is lr of the parameter's own norm, whatever the gradient's; where there is no parameter yet, it is Adam's.
    @Test(arguments: [1e-4, 1, 1e4]) func lambsTrustRatio(size: Double) {
        let start = ReferenceArray([2, 3], [1, -2, 0.5, 3, 0, 1])
        let found = path(LAMB(eps: 1e-20), from: start, steps: 5, rate: { _ in 0.01 }) { w, step in
            w.indices.map { size * Double(($0 * 7 + step * 3) % 5 - 2) + size * 0.1 }
        }
        var last = start.values
        for values in found {
            let move = zip(values, last).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            let norm = last.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(move / norm - 0.01) < 1e-12)
            last = values
        }
        let zero = path(LAMB(eps: 1e-20), from: ReferenceArray([2], [0, 0]), steps: 1, rate: { _ in 0.01 }) { _, _ in
            [size, -size]
        }
        #expect(zip(zero[0], [-0.01, 0.01]).allSatisfy { abs($0 - $1) < 1e-12 })
        let still = path(LAMB(weightDecay: 0), from: start, steps: 1, rate: { _ in 0.01 }) { w, _ in w.map { _ in 0 } }
        #expect(still[0] == start.values)
    }

    @Test func lambSparesWhatItIsTold() throws {
        let slots = LayerContents(Linear(3, 2)).parameters
        let weight = try #require(slots.first { $0.slot.role == .weight }).slot
        let bias = try #require(slots.first { $0.slot.role == .bias }).slot
        #expect(
            LAMB().rule(for: weight, decays: true).weightDecay == 0.01
                && LAMB().rule(for: bias, decays: true).weightDecay == 0)
        let start = ReferenceArray([2], [3, 4])
        func move(_ optimizer: LAMB) -> Double {
            path(optimizer, from: start, steps: 1, rate: { _ in 0.01 }) { _, _ in [1, 1] }[0][0] - 3
        }
        #expect(abs(move(LAMB().rule(for: bias, decays: true)) + 0.05 / 2.0.squareRoot()) < 1e-6)
        #expect(abs(move(LAMB(ratioOn: .weights).rule(for: bias, decays: true)) + 0.01) < 1e-6)
    }

    /// Newton and Schulz's iteration leaves the directions of a matrix and takes its singular values to 0.6 to 1.3, from
    /// 1e-2 of the largest on; a tall one as a wide one.
    @Test(arguments: [(6, 6), (4, 9), (9, 4), (1, 5)]) func muonsStepsAreNearlyOrthogonal(rows: Int, columns: Int) {
        var random = RandomStream(seed: 3, "muon", UInt64(rows))
        let values = (0..<rows * columns).map { _ in random.normal() }
        let matrix = Tensor.input("matrix", [rows, columns])
        let step = Muon().orthogonalized(matrix)
        let feed = [matrix: ReferenceArray([rows, columns], values)]
        let gram =
            rows <= columns
            ? step.matmul(step, transposeSecond: true) : step.matmul(step, transposeFirst: true)
        let results = Reference.evaluate([gram, (step * matrix).sum(), step.squared().sum(), matrix.norm()], feed)
        let count = min(rows, columns), g = results[0]
        for eigenvalue in eigenvalues(g.values, count) {
            #expect((0.6...1.3).contains(eigenvalue.squareRoot()), "\(eigenvalue.squareRoot())")
        }
        // <step, matrix> is the sum of the singular values, weighted by those of the step: the directions are the same.
        #expect(results[1].values[0] >= 0.6 * results[3].values[0])
        // Scale does not count.
        let scaled = Reference.evaluate([step], [matrix: ReferenceArray([rows, columns], values.map { 1e3 * $0 })])[0]
        let plain = Reference.evaluate([step], feed)[0]
        #expect(zip(scaled.values, plain.values).allSatisfy { abs($0 - $1) < 1e-10 })
    }

    /// Of a symmetric matrix, by Jacobi's rotations.
    private func eigenvalues(_ matrix: [Double], _ n: Int) -> [Double] {
        var a = matrix
        for _ in 0..<30 {
            for p in 0..<n {
                for q in p + 1..<n where abs(a[p * n + q]) > 1e-300 {
                    let theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q])
                    let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
                    let c = 1 / (t * t + 1).squareRoot(), s = t * c
                    for k in 0..<n {
                        let (x, y) = (a[k * n + p], a[k * n + q])
                        (a[k * n + p], a[k * n + q]) = (c * x - s * y, s * x + c * y)
                    }
                    for k in 0..<n {
                        let (x, y) = (a[p * n + k], a[q * n + k])
                        (a[p * n + k], a[q * n + k]) = (c * x - s * y, s * x + c * y)
                    }
                }
            }
        }
        return (0..<n).map { a[$0 * n + $0] }
    }

    @Test func muonLeavesBiasesToAdam() throws {
        let slots = LayerContents(Linear(3, 2)).parameters
        let weight = try #require(slots.first { $0.slot.role == .weight }).slot
        let bias = try #require(slots.first { $0.slot.role == .bias }).slot
        let muon = Muon(learningRate: 0.02, weightDecay: 0, others: Adam(learningRate: 0.001))
        #expect(muon.rule(for: weight, decays: true).slots == ["momentum"])
        #expect(muon.rule(for: bias, decays: true).slots == Adam().slots)
        // A schedule scales both rates: half of 0.02 is half of 0.001.
        let start = ReferenceArray([3], [0, 0, 0])
        let gradient = [1.0, -2, 3]
        expectSame(
            path(muon.rule(for: bias, decays: true), from: start, steps: 3, rate: { _ in 0.01 }) { _, _ in gradient },
            path(Adam(), from: start, steps: 3, rate: { _ in 0.0005 }) { _, _ in gradient })
    }

    /// n + m values for a matrix, and its second moment exact where that is a product of rows and columns.
    @Test func adafactorsRowsAndColumns() throws {
        let slots = LayerContents(Linear(3, 2)).parameters
        let weight = try #require(slots.first { $0.slot.role == .weight }).slot
        let bias = try #require(slots.first { $0.slot.role == .bias }).slot
        #expect(Adafactor().rule(for: weight, decays: true).slotShapes(for: weight.shape) == [[2, 1], [1, 3]])
        #expect(Adafactor().rule(for: bias, decays: true).slotShapes(for: bias.shape) == [[2]])
        #expect(Adafactor().slotShapes(for: [4, 5, 6, 7]) == [[4, 5, 6, 1], [4, 5, 1, 7]])
        // |g| = r c: the step is its sign, which clipping leaves as it is.
        let g = [1.0, -2, 3].flatMap { r in [0.5, 4].map { r * $0 } }
        let found = path(
            Adafactor(eps: (1e-30, 1e-3)), from: ReferenceArray([3, 2], repeating: 1), steps: 1, rate: { _ in 0.01 }
        ) { _, _ in g }
        for (value, g) in zip(found[0], g) { #expect(abs(value - (1 - 0.01 * (g < 0 ? -1 : 1))) < 1e-12) }
    }

    /// A row and a column without gradient have moments of eps, whose product single precision does not hold.
    @Test func adafactorStandsRowsAndColumnsOfZeros() throws {
        let weight = Parameter([3, 4], Zeros()).projectedValue
        let g = Tensor([0, 0, 0, 0, 0, 1, -2, 3, 0, 4, 5, -6] as [Float], [3, 4])
        let rule = Adafactor(eps: (1e-30, 1e-3), epsPlace: .squares).rule(for: weight, decays: true)
        let slots = rule.slotShapes(for: [3, 4]).map { Tensor.zeros($0) }
        let step = rule.update(.ones([3, 4]), gradient: g, slots: slots, learningRate: 0.01, step: 1)
        let values = try step.parameter.values()
        #expect(values.allSatisfy(\.isFinite) && values[0] == 1 && values[5] < 1)
    }

    /// The step of a parameter is at most its size times the rate, and rates end at 1 / sqrt(t).
    @Test func adafactorsRelativeStep() {
        let found = path(
            Adafactor().rule(forRank: 1), from: ReferenceArray([2], [30, 40]), steps: 4, rate: { _ in 10 }
        ) { _, _ in [1, -1] }
        #expect(abs(found[0][0] - (30 - 1250.0.squareRoot())) < 1e-9)
        let size = ((found[0][0] * found[0][0] + found[0][1] * found[0][1]) / 2).squareRoot()
        #expect(abs(found[1][0] - (found[0][0] - size / 2.0.squareRoot())) < 1e-9)
    }
}

extension Adafactor {
    /// The rule of a parameter with so many axes.
    fileprivate func rule(forRank rank: Int) -> Self {
        rule(for: Parameter(Shape([Int](repeating: 2, count: rank)), Zeros()).projectedValue, decays: true)
    }
}
