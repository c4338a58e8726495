import EspalierSpec
import Foundation

/// The folder with data that is known by name, `mnist/` and `fashion/`, and with files that configurations name from there.
public struct DataRoot: Sendable, Equatable {
    /// From the root of the file system.
    public let path: String
    /// Whether it goes before a root that a configuration names.
    public let isOverride: Bool

    /// The variable of the environment that names it.
    public static let variable = "ESPALIER_DATA"

    public init(path: String, isOverride: Bool = true) {
        self.path = URL(filePath: path).standardizedFileURL.path
        self.isOverride = isOverride
    }

    /// The folder that the command line names, else the one that the environment names; nothing where neither does.
    ///
    /// What the command line says goes before the configuration, and that before the environment.
    public init?(option: String?, environment: [String: String]) {
        if let option {
            self.init(path: option)
        } else if let path = environment[Self.variable], !path.isEmpty {
            self.init(path: path, isOverride: false)
        } else {
            return nil
        }
    }

    /// `source` with its relative paths starting here, where its file is here and not in `folder`; else as it is.
    public func finding(_ source: any DataSource, missingIn folder: String) -> any DataSource {
        guard case .string(let file)? = source.configuration["path"], !file.hasPrefix("/"),
            !SystemFile.exists(resolve(file, relativeTo: folder)), SystemFile.exists(resolve(file, relativeTo: path))
        else { return source }
        return source.anchored(in: path)
    }

    func path(before configured: String?) -> String { isOverride ? path : configured ?? path }
}
