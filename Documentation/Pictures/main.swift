// Draws the pictures of docs/images anew, from what the library computes: EspalierPictures FOLDER.
import Espalier
import Foundation

let folder = URL(fileURLWithPath: CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : "docs/images")
let pictures = try activationPictures() + initializerPictures() + schedulePictures() + [normalizationPicture()]

// A picture of what is no longer there goes with it.
for kind in Set(pictures.map(\.kind)) { try? FileManager.default.removeItem(at: folder.appending(path: kind)) }
for picture in pictures {
    let file = folder.appending(path: picture.kind).appending(path: "\(picture.name).svg")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(picture.document.utf8).write(to: file)
}
print("\(pictures.count) pictures in \(folder.path)")
