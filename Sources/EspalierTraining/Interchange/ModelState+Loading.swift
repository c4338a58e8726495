import EspalierGraph
import EspalierNN
import EspalierSpec

// Weights out of files, under the names that PyTorch gives them.
extension ModelState {
    /// Takes all parameters and statistics from `file`, whatever framework wrote it; the model keeps its own if it throws.
    ///
    /// PyTorch's counters `num_batches_tracked` are passed over, since no layer reads them.
    ///
    /// ```swift
    /// try trainer.state.load(SafeTensors.read("resnet20.safetensors"), from: "resnet20.safetensors")
    /// ```
    ///
    /// - Parameters:
    ///   - file: An array for each parameter and statistic, under its path (`3.body.0.weight`) and in its shape.
    ///   - path: What the file is called in messages.
    /// - Throws: `EspalierError` for an array that is missing, has another shape, or belongs to nothing in the model.
    public func load(_ file: SafeTensors, from path: String) throws {
        let arrays = Dictionary(file.arrays.map { ($0.name, $0) }) { first, _ in first }
        let entries = parameters.entries + statistics.entries
        let unknown = Set(arrays.keys).subtracting(entries.map(\.path)).filter { !$0.hasSuffix("num_batches_tracked") }
        let missing = entries.map(\.path).filter { arrays[$0] == nil }
        if let name = missing.first {
            throw EspalierError(
                "no array is called \"\(name)\"" + (missing.count > 1 ? ", nor \(missing.count - 1) others" : ""),
                at: path, expected: "an array for each parameter and statistic of the model",
                fix: unknown.min().map { "rename the file's arrays; \"\($0)\" belongs to nothing in the model" })
        }
        if let name = unknown.min() {
            throw EspalierError(
                "\"\(name)\" belongs to nothing in the model", at: path,
                expected: "only the model's own parameters and statistics",
                fix: "take the array out of the file, or add the layer that it is of")
        }
        for entry in entries where arrays[entry.path]?.shape != entry.shape.dimensions {
            throw EspalierError(
                "\"\(entry.path)\" has the shape \(Shape(arrays[entry.path]?.shape ?? []))", at: path,
                expected: "\(entry.shape)")
        }
        awaitsBatch = false
        for buffer in [parameters, statistics] {
            for entry in buffer.entries {
                if let array = arrays[entry.path] {
                    _ = buffer.values(entry.path)?.update(fromContentsOf: array.floats)
                }
            }
        }
    }
}
