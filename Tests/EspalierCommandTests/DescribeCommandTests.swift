import EspalierSpec
import Testing

@Suite struct DescribeCommandTests {
    @Test func showsASourceAFileAndAConfiguration() throws {
        let espalier = try Command()
        let iris = try espalier("data", "describe", "iris")
        #expect(iris.status == 0 && iris.output.hasPrefix("iris: 150 samples, each [4]; classification\n"))
        try espalier.putPrices(as: "prices.csv")
        let prices = try espalier("data", "describe", "prices.csv", "--json").json
        #expect(prices["samples"] == 120 && prices["task"] == "regression")
        #expect(prices["features"]?.items.map { $0["name"] } == ["area", "rooms"])
        try espalier.put("data: {source: {csv: {path: prices.csv, target: rooms}}}\n", as: "c.yaml")
        let configured = try espalier(
            "data", "describe", "c.yaml", "--set", "data.source.csv.task=regression", "--json")
        #expect(try configured.json["targets"]?.items.map { $0["name"] } == ["rooms"])
    }

    @Test func refusesWhatIsNoData() throws {
        let espalier = try Command()
        for arguments in [["iri"], ["missing.csv"], ["mnist"]] {
            let outcome = try espalier.run(["data", "describe"] + arguments)
            #expect(outcome.status == 2 && outcome.output.isEmpty && outcome.errors.hasPrefix("error: "))
        }
        #expect(try espalier("data", "describe").status == 2)
    }
}
