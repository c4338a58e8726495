import EspalierGraph
import EspalierNN

/// A layer of a model as a table shows it.
public struct LayerSummary: Sendable, Hashable {
    /// The dotted path within the model.
    public var path: String
    public var layer: String
    /// The shape of one sample as it leaves.
    public var output: [Int]
    /// Those of tied weights are counted where they come first.
    public var parameters: Int
    /// How the weights were drawn, and why so.
    public var note: String

    /// The layers of `model` for samples of `sampleShape`; those of a `Sequential` one by one.
    public static func table(_ model: any Layer, sampleShape: Shape) -> [LayerSummary] {
        var x = Tensor.input("inputs", Shape([2] + sampleShape.dimensions))
        var seen = Set<ObjectIdentifier>()
        let layers = (model as? Sequential).map { $0.children } ?? [("", model)]
        return layers.map { path, layer in
            x = layer(x)
            let contents = LayerContents(layer)
            return LayerSummary(
                path: path, layer: layer.description, output: Array(x.shape.dimensions.dropFirst()),
                parameters: contents.parameters.filter { seen.insert(ObjectIdentifier($0.slot)).inserted }
                    .reduce(0) { $0 + $1.slot.shape.count },
                note: initializers(contents).joined(separator: ", "))
        }
    }

    /// Of all weights, each once.
    private static func initializers(_ contents: LayerContents) -> [String] {
        var reasons: [ObjectIdentifier: String] = [:]
        for case let layer as any Initializable in contents.layers.map(\.layer) where !(layer is any RecurrentLayer) {
            for (_, slot) in LayerContents(layer).parameters {
                reasons[ObjectIdentifier(slot)] = layer.initializer == nil ? "no activation follows" : "given"
            }
        }
        var seen = Set<String>()
        return contents.parameters.filter { $0.slot.role == .weight }.map { _, slot in
            let reason = slot.initializerReason ?? reasons[ObjectIdentifier(slot)]
            return slot.initializer.words + (reason.map { " (\($0))" } ?? "")
        }.filter { seen.insert($0).inserted }
    }

    /// The table as text, with totals.
    public static func text(_ rows: [LayerSummary]) -> String {
        let cells =
            [["layer", "", "output", "parameters", "initializer"]]
            + rows.map {
                [$0.path, $0.layer, Shape($0.output).description, grouped($0.parameters), $0.note]
            }
        let widths = (0..<5).map { column in cells.map { $0[column].count }.max() ?? 0 }
        let lines = cells.map { row in
            let padded = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 3 ? space + cell : cell + space
            }
            return trimmed(padded.joined(separator: "  "))
        }
        let total = rows.reduce(0) { $0 + $1.parameters }
        return (lines + ["\(grouped(total)) parameters, \(grouped(total * 4)) bytes"]).joined(separator: "\n")
    }

    private static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// Digits in groups of three.
    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        return digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset) % 3 == 0 { text.append(",") }
            text.append(digit.element)
        }
    }
}
