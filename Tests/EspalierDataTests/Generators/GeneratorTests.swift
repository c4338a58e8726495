import EspalierData
import EspalierSpec
import Testing

@Suite struct GeneratorTests {
    static let all: [any Generator] = [
        CirclesSource(), MoonsSource(), BlobsSource(), ClassificationSource(), RegressionSource(), XORSource(),
        SpiralsSource(), PolynomialSource(),
    ]

    @Test(arguments: all.indices) func givesTheSameBytesForTheSameSeed(_ index: Int) throws {
        var source = Self.all[index]
        source.samples = 64
        let first = try source.load(relativeTo: "")
        #expect(first.count == 64)
        #expect(first.name == type(of: source).name)
        #expect(first.featureNames.count == first.sampleSize)
        #expect(try source.load(relativeTo: "/elsewhere") == first)
        source.seed = 2
        #expect(try source.load(relativeTo: "") != first)
    }

    @Test(arguments: all.indices) func isReadByItsName(_ index: Int) throws {
        let source = Self.all[index], name = type(of: source).name
        let read = try Registry<any DataSource>.dataSources.readSource(ConfigurationNode(.string(name)))
        #expect(type(of: read).name == name)
        #expect(read.configuration == source.configuration)
        #expect(read.takesRowsInOrder)
    }

    @Test func otherSourcesAreNotTakenInOrder() {
        #expect(!DigitsSource().takesRowsInOrder && !CSVSource(path: "a.csv").takesRowsInOrder)
    }

    /// Without a random order a training part of the first rows would have one class only.
    @Test func rowsComeInRandomOrderUnlessToldOtherwise() throws {
        let mixed = try MoonsSource(samples: 1000).load(relativeTo: "")
        let ones = mixed.labels.prefix(500).reduce(0, +)
        #expect((200...300).contains(ones))
        let sorted = try MoonsSource(samples: 1000, shuffle: false).load(relativeTo: "")
        #expect(sorted.labels == Array(repeating: 0, count: 500) + Array(repeating: 1, count: 500))
        func rows(_ data: Dataset) -> [[Float]] {
            (0..<data.count).map { Array(data.inputs[2 * $0..<2 * $0 + 2]) }
                .sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
        }
        #expect(rows(mixed) == rows(sorted))
    }

    /// A setting changes nothing but what it is about.
    @Test func moreNoiseMovesTheSamePoints() throws {
        let still = try CirclesSource(samples: 50).load(relativeTo: "")
        let little = try CirclesSource(samples: 50, noise: 0.1).load(relativeTo: "")
        let much = try CirclesSource(samples: 50, noise: 0.2).load(relativeTo: "")
        #expect(still.targets == much.targets)
        for index in still.inputs.indices {
            let first = little.inputs[index] - still.inputs[index], second = much.inputs[index] - still.inputs[index]
            #expect(abs(2 * first - second) < 1e-6)
        }
    }

    @Test(
        arguments: [
            ("circles", ["factor": 1.5], "a number from 0.0 to below 1.0"),
            ("circles", ["factor": 1.0], "a number from 0.0 to below 1.0"),
            ("circles", ["samples": 0], "a whole number from 1 to 100000000"),
            ("circles", ["noise": -0.1], "a number of at least 0.0"),
            ("moons", ["seed": -1], "a whole number of at least 0"),
            ("moons", ["samples": 2.5], "a whole number"),
            ("xor", ["noise": "much"], "a number"),
            ("spirals", ["classes": 1], "a whole number from 2 to 10000"),
            ("spirals", ["turns": 0], "a number above 0"),
            ("polynomial", ["coefficients": .list([])], "a list of at least one number"),
            ("polynomial", ["low": 1, "high": 1], "low below high"),
            ("blobs", ["centers": 0], "a whole number of at least 1, or a list of points of equal length"),
            (
                "blobs", ["centers": [[0, 1], [2]]], "a whole number of at least 1, or a list of points of equal length"
            ),
            ("blobs", ["centers": .list([])], "a whole number of at least 1, or a list of points of equal length"),
            ("blobs", ["clusterStd": [1, 2]], "one for all, or one for each"),
            ("blobs", ["clusterStd": [1, -2, 1]], "a number of at least 0.0, or a list of them"),
            ("blobs", ["centerBox": [1, 0]], "two numbers, the lower one first"),
            ("blobs", ["samples": 2], "at least one row for each"),
            ("blobs", ["samples": 100_000_000, "features": 10_000], "at most 1073741824 numbers in all"),
            ("classification", ["classes": 3], "classes x clustersPerClass of at most 2^informative"),
            ("classification", ["informative": 19], "at most 20, as there are features"),
            ("classification", ["samples": 3], "at least one row for each"),
            ("classification", ["flipY": 1.1], "a number from 0.0 to 1.0"),
            (
                "classification", ["weights": [0.5, 0.6]],
                "2 numbers of at least 0 with the sum 1, of which the last may be left out"
            ),
            (
                "classification", ["weights": [-0.5]],
                "2 numbers of at least 0 with the sum 1, of which the last may be left out"
            ),
            ("regression", ["targets": 0], "a whole number from 1 to 1000"),
            ("regression", ["effectiveRank": 0], "a whole number from 1 to 10000, or null"),
            (
                "regression", ["samples": 100_000, "features": 1000, "effectiveRank": 3],
                "samples x features x the smaller of both of at most 2^34"
            ),
        ] as [(String, ConfigurationValue, String)])
    func refusesWhatItCannotDraw(_ name: String, _ settings: ConfigurationValue, _ expected: String) {
        let node = ConfigurationNode(ConfigurationValue.map([.init(name, settings)]), path: "source")
        let error = failure { try Registry<any DataSource>.dataSources.readSource(node) }
        #expect(error?.expected == expected)
        #expect(error?.location?.hasPrefix("source.\(name)") == true)
    }

    /// Settings made in code have not been read from a configuration.
    @Test func checksSettingsMadeInCode() {
        let error = failure { try CirclesSource(samples: 10, factor: 1.5).load(relativeTo: "") }
        #expect(error?.location == "circles.factor")
        #expect(failure { try MoonsSource(samples: -3).load(relativeTo: "") }?.location == "moons.samples")
        #expect(failure { try XORSource(samples: 3, noise: .nan).load(relativeTo: "") }?.location == "xor.noise")
        #expect(failure { try BlobsSource(samples: 3, centers: .points([])).load(relativeTo: "") } != nil)
        var huge = PolynomialSource(samples: 3)
        huge.coefficients = [1e300]
        #expect(failure { try huge.load(relativeTo: "") }?.what == "the value is inf")
    }

    @Test func oneRowIsEnough() throws {
        for source in [CirclesSource(samples: 1), MoonsSource(samples: 1), SpiralsSource(samples: 1)] as [any Generator]
        {
            #expect(try source.load(relativeTo: "").count == 1)
        }
    }
}
