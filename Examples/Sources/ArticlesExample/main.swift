// The Swift of the library's articles (Sources/Espalier/Documentation.docc): `make lint` sees that each piece stands here.
import Espalier
import Foundation

// Runs, and the configurations that the articles name, are in a folder of this program's own.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
let folder = FileManager.default.temporaryDirectory.appending(path: "articles-\(UUID().uuidString)")
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: folder) }
let configurations = [
    "digits.yaml": "Configurations/digits.yaml", "digits-search.yaml": "Configurations/digits-search.yaml",
    "deep.yaml": "Zoo/faulty/digits-sigmoid-20.yaml",
]
for (name, path) in configurations {
    try FileManager.default.copyItem(at: repository.appending(path: path), to: folder.appending(path: name))
}
guard FileManager.default.changeCurrentDirectoryPath(folder.path) else { exit(1) }

try training()
try ownLoop()
try customLayers()
try theDoctor()
try search()
try lab()
try comingFromPyTorch()
try comingFromMLX()

/// Ends the program with what went wrong, where something is not as the articles say.
func require(_ condition: Bool, _ claim: String) {
    guard condition else {
        print("not so: \(claim)")
        exit(1)
    }
}
