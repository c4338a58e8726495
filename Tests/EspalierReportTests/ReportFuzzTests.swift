import EspalierGraph
import EspalierSpec
import EspalierTestSupport
import Foundation
import Testing

@testable import EspalierReport

/// Run folders with files that were damaged at random are reported on or refused with the place, never a crash.
@Suite struct ReportFuzzTests {
    private static let small = SampleRun(
        epochs: 2, stepsPerEpoch: 3, classes: ["a", "b"],
        layers: [("0", "Linear(2, 2)", [2], 6, "bias"), ("1", "ReLU", [2], 0, "")], hasLayers: true, hasCurvature: true,
        diagnosis: SampleRun.diagnosis, repair: SampleRun.repair, probeEvery: 2)

    private static let table =
        "epoch,step,train_loss,train_accuracy,validation_loss,learning_rate\n1,20,1.5,0.5,,0.1\n2,40,nan,0.6,inf,\n"

    private static let profile = """
        {"name":"train","steps":9,"stepSeconds":0.001,"shareOfPeak":0.3,"arenaBytes":4096,"bytes":8192,"kernels":[{"index":0,\
        "kind":"product","name":"a","operands":["x"],"results":["y"],"shape":[4,3],"operations":240,"bytesRead":96,\
        "bytesWritten":48,"seconds":0.0005,"share":0.5,"shareOfPeak":0.2,"limit":"memory"}],"peak":{"threads":2,\
        "operationsPerSecond":1e11,"bandwidths":[{"bytes":1024,"bytesPerSecond":1e10}]}}
        """

    private static let sheet = """
        {"rows":["as it is","epoch 1"],"columns":[{"label":"3","cells":[{"image":"aGk="},{"image":"aGk=","note":"3 and 5"}]}]}
        """

    private static let mistakes = """
        {"set":"test","calibration":{"error":0.05,"bins":[{"confidence":0.5,"right":0.4,"count":9},{"confidence":0.9,"right":1,\
        "count":20}]},"samples":[{"place":"digits, row 9","truth":"3","answer":"5","probability":0.02,"image":"aGk="},\
        {"place":"b","truth":"1.5","answer":"2","difference":0.5}]}
        """

    /// Numbers at the ends of what they can be are the ones that sums and scales go wrong with.
    private static func extreme(_ text: String, _ random: inout RandomStream) -> String {
        let numbers = [
            "-1", "9223372036854775807", "-9223372036854775808", "1e308", "-1e308", "5e-324", "\"NaN\"", "0",
        ]
        let places = text.matches(of: /-?[0-9]+(\.[0-9]+)?/)
        guard let place = places.randomElement(using: &random), let number = numbers.randomElement(using: &random)
        else {
            return text
        }
        return text.replacingCharacters(in: place.range, with: number)
    }

    @Test(arguments: [
        "events.jsonl", "metrics.csv", "summary.json", "profile.json", "augmentations.json", "mistakes.json",
        "config.yaml", "diagnosis.json", "repair.json",
    ])
    func damagedFiles(name: String) throws {
        try withFolder { folder in
            try Self.small.write(to: folder)
            let file = folder.appendingPathComponent(name)
            if name == "metrics.csv" {
                try FileManager.default.removeItem(at: folder.appendingPathComponent("events.jsonl"))
                try Data(Self.table.utf8).write(to: file)
            }
            if name == "profile.json" { try Data(Self.profile.utf8).write(to: file) }
            if name == "augmentations.json" { try Data(Self.sheet.utf8).write(to: file) }
            if name == "mistakes.json" { try Data(Self.mistakes.utf8).write(to: file) }
            let whole = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            var random = RandomStream(seed: 3, "report fuzz", name)
            var shown = 0, refused = 0
            for number in 0..<Fuzzing.count {
                let text = number % 2 == 0 ? Self.extreme(whole, &random) : whole
                let isDamaged = number % 4 != 0
                let bytes = isDamaged ? random.damage(Array(text.utf8), with: "{}[]:,\"\\\n-0189.eE") : Array(text.utf8)
                try Data(bytes).write(to: file)
                do {
                    let run = try RunRecord(folder: folder.path)
                    // A page takes a hundred times as long as what it shows.
                    if number % 64 < 2 { #expect(Report.html(run).hasSuffix("</html>\n")) }
                    shown += 1
                } catch let error as EspalierError {
                    refused += 1
                    #expect(error.location?.hasPrefix(file.path) == true && error.expected != nil, "\(error)")
                }
            }
            // Every configuration is shown as it is.
            #expect(shown > Fuzzing.count / 10 && (refused > Fuzzing.count / 20 || name == "config.yaml"))
        }
    }
}
