import EspalierSpec

/// The formats that a run can be written in for other programs.
public enum ExportFormat: String, CaseIterable, Sendable {
    case onnx, safetensors, npz, tensorboard

    /// - Throws: `EspalierError` with the formats there are.
    public init(named name: String) throws {
        guard let format = Self(rawValue: name) else {
            throw unknown("format", name, among: Self.allCases.map(\.rawValue), at: "--format")
        }
        self = format
    }

    /// What the file is called in the run folder, where nobody says; of TensorBoard's it follows from the run's start.
    fileprivate var fileName: String {
        switch self {
        case .onnx: "model.onnx"
        case .safetensors: "weights.safetensors"
        case .npz: "weights.npz"
        case .tensorboard: "tensorboard"
        }
    }
}

/// A run written for other programs: `espalier export`.
public struct RunExport: CustomStringConvertible {
    public let format: ExportFormat
    /// What was written.
    public let path: String
    /// What is in it, such as `8 arrays`.
    public let contents: String

    /// Writes the run's best weights, or its record.
    ///
    /// - Parameters:
    ///   - folder: The run.
    ///   - format: What to write.
    ///   - path: Where to; in the run folder if not given.
    ///   - renaming: Beginnings of the weights' names, and what stands in their place.
    ///   - catalog: The parts that names stand for.
    /// - Throws: `EspalierError` where the run lacks what is asked for, or the file cannot be written.
    public init(
        _ folder: RunFolder, _ format: ExportFormat, to path: String? = nil, renaming: Renaming = Renaming(),
        catalog: Catalog = .standard
    ) throws {
        guard renaming.isEmpty || format == .safetensors || format == .npz else {
            throw EspalierError(
                "there is nothing to rename in \(format.rawValue)", at: "--rename", expected: "safetensors or npz")
        }
        self.format = format
        let file = path ?? "\(folder.path)/\(format.fileName)"
        switch format {
        case .onnx:
            let model = try SavedModel(folder, catalog: catalog).onnx()
            try AtomicFile.write(try model.bytes, to: file)
            self.path = file
            contents = "\(ONNXModel.input) to \(model.outputs.joined(separator: " and "))"
        case .safetensors:
            let arrays = try Self.weights(folder, renaming)
            try SafeTensors(arrays, metadata: ["format": "pt"]).write(to: file)
            self.path = file
            contents = "\(arrays.count) arrays"
        case .npz:
            let arrays = try Self.weights(folder, renaming)
            try NPZ.write(arrays, to: file)
            self.path = file
            contents = "\(arrays.count) arrays"
        case .tensorboard:
            let (path, events) = try TensorBoardLog.write(folder, to: file)
            self.path = path
            contents = "\(events) events"
        }
    }

    private static func weights(_ folder: RunFolder, _ renaming: Renaming) throws -> [NamedArray] {
        guard SystemFile.exists(folder.bestWeights) else { throw SavedModel.withoutWeights(folder) }
        return try SafeTensors.read(folder.bestWeights).arrays.map { array in
            var array = array
            array.name = renaming(array.name)
            return array
        }
    }

    public var description: String { "\(format.rawValue): \(path) (\(contents))" }

    public var configuration: ConfigurationValue {
        ["format": .string(format.rawValue), "path": .string(path), "contents": .string(contents)]
    }
}
