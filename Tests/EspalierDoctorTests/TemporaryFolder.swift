import Foundation

/// A folder that goes when nobody holds it any more.
final class TemporaryFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "espalier-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
