import EspalierSpec
import Testing

/// Tables with categories and missing values, from training to predicting for another file.
@Suite struct TableCommandTests {
    /// Ages, some missing, and colors that a price follows from; 80 rows.
    static func put(as name: String, _ espalier: Command) throws {
        let rows = (0..<80).map { row in
            let color = ["red", "blue", "light, grey"][row % 3]
            return "\(row % 7 == 3 ? "" : "\(20 + row * 37 % 41)"),\"\(color)\",\(100 * (row % 3) + row % 5).5"
        }
        try espalier.put((["age,color,price"] + rows).joined(separator: "\n") + "\n", as: name)
    }

    @Test func otherFilesAreReadAsTheTrainingsWas() throws {
        let espalier = try Command()
        try Self.put(as: "t.csv", espalier)
        let settings = [
            "--set", "data.source.csv.missing=median", "--set", "data.source.csv.missingIndicator=true", "--set",
            "training.epochs=3",
        ]
        #expect(try espalier.run(["train", "t.csv", "--out", "run"] + settings).status == 0)
        let written = try espalier.text("run/config.yaml")
        #expect(written.contains("color: {oneHot: [blue, \"light, grey\", red]}"))
        #expect(written.contains("missingIndicator: {age: true, \"*\": false}"))
        // What is written down is the same run again.
        #expect(try espalier("train", "run/config.yaml", "--out", "again").status == 0)
        #expect(try espalier.bytes("run/best.safetensors") == espalier.bytes("again/best.safetensors"))
        #expect(try espalier("evaluate", "run").output == espalier("evaluate", "again").output)

        // Other columns and order, no category but one, and nothing missing: the same prediction for the same row.
        try espalier.put("age,color,price\n,red,0\n30,blue,0\n40,red,0\n", as: "all.csv")
        try espalier.put("note,color,age\nx,red,40\n", as: "one.csv")
        let all = try espalier("predict", "run", "all.csv"), one = try espalier("predict", "run", "one.csv")
        #expect(all.status == 0 && one.status == 0, "\(one.errors)")
        let lines = all.output.split(separator: "\n")
        #expect(lines.count == 4 && Set(lines).count == 4)
        #expect(one.output.split(separator: "\n").last == lines[3])
        #expect(try espalier("evaluate", "run", "all.csv").status == 0)

        try espalier.put("color,age\nred,4\ngreen,40\n", as: "new.csv")
        let unknown = try espalier("predict", "run", "new.csv")
        #expect(unknown.status == 2)
        #expect(unknown.errors.hasPrefix("error: new.csv:3, column \"color\": unknown category \"green\""))
    }

    @Test func saysWhatCanBeDoneAboutAMissingValue() throws {
        let espalier = try Command()
        try Self.put(as: "t.csv", espalier)
        let outcome = try espalier("train", "t.csv")
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains("t.csv:5, column \"age\": the value is missing"))
        #expect(outcome.errors.contains("missing: median"))
    }

    /// 47 MB of samples once categories are numbers, which lie in a temporary file; the program starts with some 60 MB.
    @Test func aMillionRowsAreTrainedOnInBoundedMemory() throws {
        let espalier = try Command()
        try espalier.put(Self.manyRows(1_000_000), as: "many.csv")
        let settings =
            ["training.epochs=1", "training.batchSize=8192", "doctor=off", "data.source.csv.inMemory=false"]
            .map { " --set \($0)" }.joined() + " --set 'model=[{linear: {units: auto}}]'"
        let outcome = try espalier.shell(
            "ulimit -d 150000; \"$0\" train many.csv --out run --threads 1\(settings) > out 2>&1")
        #expect(outcome == 0)
        #expect(try espalier.text("out").contains("700000 samples, 150000 for validation"))
    }

    /// Rows of eight numbers and a category, and the class that two of the numbers decide.
    static func manyRows(_ count: Int) -> String {
        var text = "a,b,c,d,e,f,g,h,color,kind\n"
        text.reserveCapacity(count * 70)
        var state: UInt32 = 1
        let colors = ["red", "green", "blue", "grey"]
        for row in 0..<count {
            var first: UInt32 = 0, second: UInt32 = 0
            for column in 0..<8 {
                state = state &* 1_664_525 &+ 1_013_904_223
                let value = state >> 12
                if column == 0 { first = value }
                if column == 1 { second = value }
                text += "\(value)."
                text += "\(state & 7),"
            }
            text += colors[row & 3]
            text += first > second ? ",more\n" : ",less\n"
        }
        return text
    }
}
