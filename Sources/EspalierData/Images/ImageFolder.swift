import EspalierSpec
import Foundation

/// The images below a folder: a folder for each class, or parts (`train`, `test`) with such folders.
///
/// Names are taken in the order of their UTF-8, whatever the file system says. Hidden entries, whose names begin with a point,
/// are left aside everywhere, and files other than images beside the folders of classes (a licence, a table). Anything else
/// that is no image is an error, as what is left out in silence is missed too late.
struct ImageFolder {
    let path: String

    /// Images with their classes, and what these are called.
    struct Contents {
        var files: [String] = []
        var labels: [Int32] = []
        var classNames: [String]
    }

    /// The part to be trained on, by one name or another.
    private static let trainNames = ["train", "training"]
    /// The part that is kept for the test: the first of these that is there.
    private static let testNames = ["test", "testing", "val", "valid", "validation"]

    /// Whether it looks like a folder of images: an image or a folder is in it.
    static func isOne(_ path: String) -> Bool {
        guard let entries = try? FileManager.default.contentsOfDirectory(atPath: path) else { return false }
        return entries.contains {
            !$0.hasPrefix(".") && (isImage($0) || SystemFile.isFolder("\(path)/\($0)"))
        }
    }

    static func isImage(_ name: String) -> Bool {
        name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last
            .map { ImageFile.endings.contains($0.lowercased()) } ?? false
    }

    /// The images to be divided, and those that are a test set of their own; its classes are numbered as the others'.
    ///
    /// - Throws: `EspalierError` where there are no classes, a class has no images, or something is there that is none.
    func parts() throws -> (rest: Contents, test: Contents?) {
        let entries = try Self.entries(of: path)
        // Beside other names, train is the name of a class.
        guard let train = Self.trainNames.first(where: entries.folders.contains),
            entries.folders.allSatisfy({ $0 == train || Self.testNames.contains($0) })
        else { return (try Self.classes(in: path, entries), nil) }
        let rest = try Self.classes(in: "\(path)/\(train)")
        guard let test = Self.testNames.first(where: entries.folders.contains) else { return (rest, nil) }
        return (rest, try Self.classes(in: "\(path)/\(test)").numbered(as: rest.classNames, "\(path)/\(test)"))
    }

    /// The images in the folder itself, without classes; nothing where it has none.
    func loose() throws -> [String] {
        try Self.entries(of: path).images.map { "\(path)/\($0)" }
    }

    // MARK: Entries

    private struct Entries {
        var folders: [String] = []
        var images: [String] = []
        var others: [String] = []
    }

    private static func entries(of path: String) throws -> Entries {
        guard SystemFile.isFolder(path) else {
            throw EspalierError(
                SystemFile.exists(path) ? "it is a file" : "there is no such folder", at: path,
                expected: "a folder with a folder of images for each class")
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw SystemFile.failure(EACCES, "cannot read the folder", path)
        }
        var entries = Entries()
        for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where !name.hasPrefix(".") {
            if SystemFile.isFolder("\(path)/\(name)") {
                entries.folders.append(name)
            } else if isImage(name) {
                entries.images.append(name)
            } else {
                entries.others.append(name)
            }
        }
        return entries
    }

    private static func classes(in path: String) throws -> Contents { try classes(in: path, try entries(of: path)) }

    private static func classes(in path: String, _ entries: Entries) throws -> Contents {
        guard !entries.folders.isEmpty else {
            throw EspalierError(
                "it has no folders of classes\(entries.images.isEmpty ? "" : ", and \(entries.images.count) images")",
                at: path, expected: "a folder of images for each class: \(path)/cat/1.jpg")
        }
        if let image = entries.images.first {
            throw EspalierError(
                "an image stands beside the folders of classes", at: "\(path)/\(image)",
                expected: "every image in the folder of its class")
        }
        var contents = Contents(classNames: entries.folders)
        for (label, name) in entries.folders.enumerated() {
            let folder = "\(path)/\(name)", inside = try Self.entries(of: folder)
            if let other = inside.folders.first ?? inside.others.first {
                throw EspalierError(
                    "it is no image, and stands in the folder of the class \(name)", at: "\(folder)/\(other)",
                    expected: "images alone: .png, .jpg, .jpeg", fix: "convert it, or move it out")
            }
            guard !inside.images.isEmpty else {
                throw EspalierError(
                    "the class \(name) has no images", at: folder, expected: "at least one .png, .jpg or .jpeg",
                    fix: "remove the folder, if it is no class")
            }
            contents.files += inside.images.map { "\(folder)/\($0)" }
            contents.labels += [Int32](repeating: Int32(label), count: inside.images.count)
        }
        return contents
    }
}

extension ImageFolder.Contents {
    /// The same images with their classes numbered as `names` stand.
    fileprivate func numbered(as names: [String], _ path: String) throws -> Self {
        let numbers = try classNames.map { name in
            guard let number = names.firstIndex(of: name) else {
                throw unknown("class", name, among: names, at: "\(path)/\(name)")
            }
            return Int32(number)
        }
        return Self(files: files, labels: labels.map { numbers[Int($0)] }, classNames: names)
    }
}
