import Foundation

/// The folder with data that is known by name: `mnist/`, `fashion/`.
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

    func path(before configured: String?) -> String { isOverride ? path : configured ?? path }
}
