import EspalierGraph
import Foundation
import Testing

@testable import EspalierReport

@Suite struct ScaleTests {
    @Test func positionsMapTheDomainOntoThePixels() {
        let linear = Scale(kind: .linear, domain: -2...6, start: 300, end: 100)
        #expect(linear.position(-2) == 300)
        #expect(linear.position(6) == 100)
        #expect(linear.position(2) == 200)
        let logarithmic = Scale(kind: .logarithmic, domain: 0.01...100, start: 0, end: 400)
        #expect(abs(logarithmic.position(1) - 200) < 1e-9)
        #expect(logarithmic.position(0) < 0)
        #expect(logarithmic.position(.nan).isNaN)
    }

    @Test func ticksAreRoundRiseAndLieInTheDomain() {
        var random = RandomStream(seed: 1, "ticks")
        for _ in 0..<500 {
            let center = random.normal() * exp10(8 * random.uniform() - 4)
            let width = exp10(8 * random.uniform() - 4)
            let scale = Scale(kind: .linear, domain: center...center + width, start: 0, end: 1)
            let ticks = scale.ticks(about: 5)
            #expect((2...11).contains(ticks.count), "\(scale.domain): \(ticks)")
            #expect(zip(ticks, ticks.dropFirst()).allSatisfy { $0 < $1 })
            #expect(ticks.allSatisfy { $0 >= center - width * 1e-6 && $0 <= center + width * (1 + 1e-6) })
            let step = ticks[1] - ticks[0]
            let mantissa = step / Scale.niceStep(over: step * 0.999)
            #expect(abs(mantissa - 1) < 1e-6, "\(step) is no round step")
        }
    }

    @Test func logarithmicTicksAreOneTwoOrFiveTimesAPowerOfTen() {
        #expect(Scale(kind: .logarithmic, domain: 0.01...10, start: 0, end: 1).ticks(about: 5) == [0.01, 0.1, 1, 10])
        #expect(
            Scale(kind: .logarithmic, domain: 0.05...2, start: 0, end: 1).ticks(about: 5)
                == [0.05, 0.1, 0.2, 0.5, 1, 2])
        let wide = Scale(kind: .logarithmic, domain: 1e-30...1, start: 0, end: 1).ticks(about: 5)
        #expect((4...8).contains(wide.count))
    }

    @Test func wholeTicksHaveNoFractions() {
        #expect(Scale(kind: .linear, domain: 0...3, start: 0, end: 1).ticks(about: 8, whole: true) == [0, 1, 2, 3])
        #expect(Scale(kind: .linear, domain: 0...1, start: 0, end: 1).ticks(about: 8, whole: true) == [0, 1])
    }

    @Test func fittedDomainsHoldAllFiniteValuesAndTurnLogarithmicPastADecade() {
        var random = RandomStream(seed: 2, "domains")
        for _ in 0..<500 {
            let values = (0..<5).map { _ in random.normal() * exp10(6 * random.uniform() - 3) } + [.nan, .infinity]
            let (kind, domain) = Scale.fitting(values)
            #expect(kind == .linear || values.allSatisfy { !($0 <= 0) })
            #expect(domain.lowerBound < domain.upperBound)
            for value in values where value.isFinite {
                let slack = (domain.upperBound - domain.lowerBound) * 1e-9
                #expect((domain.lowerBound - slack...domain.upperBound + slack).contains(value))
            }
        }
        #expect(Scale.fitting([0.5, 4]).kind == .linear)
        #expect(Scale.fitting([0.5, 6]).kind == .logarithmic)
        #expect(Scale.fitting([0.5, 6], allowsLogarithm: false).kind == .linear)
        #expect(Scale.fitting([-0.5, 600]).kind == .linear)
        #expect(Scale.fitting([2, 4], anchoredAtZero: true).domain.lowerBound == 0)
    }

    @Test(arguments: [
        [], [.nan], [0.0], [3, 3], [-7], [1e-300, 1e300], [-1.7e308, 1.7e308], [.leastNonzeroMagnitude], [1.7e308],
        [-1.7e308],
    ])
    func degenerateValuesStillGiveADomain(_ values: [Double]) {
        let (kind, domain) = Scale.fitting(values)
        #expect(domain.lowerBound < domain.upperBound)
        let scale = Scale(kind: kind, domain: domain, start: 0, end: 100)
        #expect(scale.ticks(about: 5).count < 20)
        for value in values where value.isFinite { #expect(scale.position(value).isFinite) }
    }

    @Test func labelsKeepTheirOrderAndDistance() {
        var random = RandomStream(seed: 3, "labels")
        for _ in 0..<200 {
            let positions = (0..<6).map { _ in 100 * random.uniform() }
            let placed = spread(positions, gap: 12, within: 0...100)
            let order = positions.indices.sorted { positions[$0] < positions[$1] }
            let sorted = order.map { placed[$0] }
            #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 > 12 - 1e-9 })
            #expect(placed.allSatisfy { (-1e-9...100 + 1e-9).contains($0) })
        }
        #expect(spread([10, 50, 90], gap: 12, within: 0...100) == [10, 50, 90])
    }
}

private func exp10(_ exponent: Double) -> Double { pow(10, exponent) }
