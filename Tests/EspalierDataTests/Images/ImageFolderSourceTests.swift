import EspalierSpec
import Foundation
import Testing

@testable import EspalierData

/// A folder of files that is removed with the value.
final class TemporaryFolder {
    let path = FileManager.default.temporaryDirectory.appending(path: "espalier-\(UUID().uuidString)").path

    /// - Parameter files: By their paths within the folder.
    init(_ files: [String: [UInt8]] = [:]) throws { for (name, bytes) in files { try put(bytes, name) } }

    func put(_ bytes: [UInt8], _ name: String) throws {
        let file = URL(filePath: "\(path)/\(name)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct ImageFolderSourceTests {
    private func grey(_ value: UInt8, height: Int = 2, width: Int = 3) -> [UInt8] {
        PNGWriter.file(
            height: height, width: width, channels: 1, pixels: [UInt8](repeating: value, count: height * width))
    }

    private func colours(_ pixels: [UInt8]) -> [UInt8] {
        PNGWriter.file(height: 1, width: pixels.count / 3, channels: 3, pixels: pixels)
    }

    @Test func classesAreFoldersInTheOrderOfTheirNames() throws {
        let folder = try TemporaryFolder([
            "zebra/1.png": grey(1), "ant/b.PNG": grey(3), "ant/a.png": grey(2), "Zoo/x.png": grey(4),
            "ant/.hidden.txt": [1], ".git/config": [2], "README.txt": [3],
        ])
        let data = try ImageFolderSource(path: folder.path).load(relativeTo: "")
        guard case .classes(let labels, let names) = data.targets else { throw EspalierError("no classes") }
        #expect(names == ["Zoo", "ant", "zebra"] && labels == [0, 1, 1, 2])
        #expect(data.sampleShape == [1, 2, 3] && data.inputRange == 0...255)
        #expect(data.inputs == [4, 2, 3, 1].flatMap { [Float](repeating: $0, count: 6) })
    }

    @Test func coloursLieInPlanes() throws {
        let folder = try TemporaryFolder([
            "a/1.png": colours([1, 2, 3, 4, 5, 6]), "b/1.png": grey(9, height: 1, width: 2),
        ])
        let data = try ImageFolderSource(path: folder.path).load(relativeTo: "")
        #expect(data.sampleShape == [3, 1, 2] && data.inputs == [1, 4, 2, 5, 3, 6, 9, 9, 9, 9, 9, 9])
        let source = ImageFolderSource(path: folder.path, channels: 1)
        #expect(try source.load(relativeTo: "").inputs.suffix(2) == [9, 9])
        let decided = try ImageFolderSource(path: "x").decided(by: data, relativeTo: "")
        #expect(decided == ImageFolderSource(path: "x", size: [1, 2], channels: 3))
    }

    @Test func trainAndTestAreParts() throws {
        let folder = try TemporaryFolder([
            "train/a/1.png": grey(1), "train/b/1.png": grey(2), "train/c/1.png": grey(3), "val/c/1.png": grey(4),
        ])
        let source = ImageFolderSource(path: folder.path)
        let (rest, validation) = try source.loadParts(relativeTo: "")
        #expect(rest.labels == [0, 1, 2] && validation?.labels == [2] && validation?.inputs.first == 4)
        // A test set that is named so goes before one that may be for validation.
        try folder.put(grey(5), "test/b/1.png")
        #expect(try source.loadParts(relativeTo: "").test?.labels == [1])
        try folder.put(grey(5), "test/d/1.png")
        #expect(failure { try source.loadParts(relativeTo: "") }?.what == "unknown class \"d\"")
        // Among other classes, train is one that runs on rails.
        let vehicles = try TemporaryFolder(["train/1.png": grey(1), "car/1.png": grey(2)])
        #expect(try ImageFolderSource(path: vehicles.path).load(relativeTo: "").labels == [0, 1])
    }

    @Test func sizesAreBroughtTogetherOnlyWhereOneIsAskedFor() throws {
        let folder = try TemporaryFolder(["a/1.png": grey(7, height: 2, width: 4), "b/1.png": grey(8)])
        let error = failure { try ImageFolderSource(path: folder.path).load(relativeTo: "") }
        #expect(error?.what.hasPrefix("it is 2 x 3, and \(folder.path)/a/1.png is 2 x 4") == true)
        #expect(error?.location == "\(folder.path)/b/1.png")
        for resize in Resizing.allCases {
            let source = ImageFolderSource(path: folder.path, size: [4, 4], resize: resize)
            let data = try source.load(relativeTo: "")
            #expect(data.sampleShape == [1, 4, 4])
            // A picture twice as wide as high leaves a row of border at either end.
            let first = data.inputs.prefix(16)
            #expect(first.count(where: { $0 == 7 }) == (resize == .contain ? 8 : 16))
            #expect((first.first == 0) == (resize == .contain))
        }
    }

    @Test func whatIsNoImageOfAClassIsNamed() throws {
        func error(_ files: [String: [UInt8]]) throws -> EspalierError? {
            let folder = try TemporaryFolder(files)
            guard
                var error = failure({ try ImageFolderSource(path: folder.path).load(relativeTo: "").inputValues() })
            else {
                return nil
            }
            error.location = error.location?.replacing(folder.path, with: "")
            return error
        }
        let good = ["a/1.png": grey(1), "b/1.png": grey(2)]
        func with(_ name: String, _ bytes: [UInt8]) throws -> EspalierError? {
            try error(good.merging([name: bytes]) { $1 })
        }
        #expect(try with("a/2.gif", [1])?.location == "/a/2.gif")
        #expect(try with("a/deeper/2.png", grey(1))?.location == "/a/deeper")
        #expect(try with("2.png", grey(1))?.what == "an image stands beside the folders of classes")
        #expect(try with("c/.keep", [])?.what == "the class c has no images")
        #expect(try with("b/2.png", [1, 2, 3, 4])?.location == "/b/2.png")
        #expect(try with("b/2.png", [])?.what == "the file is empty")
        #expect(try with("b/2.jpg", Array(try ImageFixture.bytes("grey.jpg").prefix(40)))?.location == "/b/2.jpg")
        #expect(try error(["1.png": grey(1)])?.what == "it has no folders of classes, and 1 images")
        // Damage that the header does not show is found when the picture is decoded.
        let cut = Array(grey(1).dropLast(20))
        #expect(try with("b/2.png", cut)?.what == "the image is damaged: it ends early")
        let missing = failure { try ImageFolderSource(path: "/nowhere").load(relativeTo: "") }
        #expect(missing?.what == "there is no such folder")
    }

    @Test func headersAreCheckedBeforeAnyPictureIsDecoded() throws {
        let folder = try TemporaryFolder(["a/1.png": Array(grey(1).dropLast(20)), "b/1.png": [0]])
        let error = failure { try ImageFolderSource(path: folder.path).load(relativeTo: "") }
        #expect(error?.location == "\(folder.path)/b/1.png")
    }

    @Test func aPictureIsDecodedOnceWhereAllFit() throws {
        let folder = try TemporaryFolder(["1.png": grey(5)])
        for (limit, isKept) in [(6, true), (5, false)] {
            try folder.put(grey(5), "1.png")
            let samples = ImageSamples(
                ["\(folder.path)/1.png"], channels: 1, height: 2, width: 3, by: .cover, keepingUpTo: limit)
            func read() throws -> [Float] {
                var sample = [Float](repeating: 0, count: 6)
                try sample.withUnsafeMutableBufferPointer { try samples.read(0, into: $0) }
                return sample
            }
            #expect(try read() == [5, 5, 5, 5, 5, 5])
            try folder.put([], "1.png")
            #expect((failure { try read() } == nil) == isKept)
        }
    }

    @Test func predictionsNeedNoClasses() throws {
        let folder = try TemporaryFolder(["2.png": grey(2), "1.png": grey(1), "notes.txt": [1]])
        let inputs = try ImageFolderSource(path: folder.path).loadInputs(relativeTo: "")
        #expect(inputs.sampleShape == [1, 2, 3] && inputs.values.first == 1 && inputs.values.last == 2)
        let single = try ImageFolderSource(path: "2.png", size: [1, 1]).loadInputs(relativeTo: folder.path)
        #expect(single.sampleShape == [1, 1, 1] && single.values == [2])
        let classes = try TemporaryFolder(["a/1.png": grey(1), "b/1.png": grey(2)])
        #expect(try ImageFolderSource(path: classes.path).loadInputs(relativeTo: "").values.count == 12)
        let empty = try TemporaryFolder(["a.txt": []])
        #expect(failure { try ImageFolderSource(path: empty.path).loadInputs(relativeTo: "") } != nil)
    }

    @Test func aFolderIsToldByWhatIsInIt() throws {
        let root = try TemporaryFolder([
            "pictures/a/1.png": grey(1), "cifar/data_batch_1.bin": [], "my.data/a/1.png": grey(1),
        ])
        try root.put([], "mnist/train-images-idx3-ubyte.gz")
        try root.put([], "mnist/raw/notes.txt")
        try root.put([], "hundred/fine_label_names.txt")
        func source(_ path: String) throws -> any DataSource {
            try Registry.dataSources.readSource(ConfigurationNode(.string(path)), relativeTo: root.path)
        }
        #expect(try source("./pictures") as? ImageFolderSource == ImageFolderSource(path: "./pictures"))
        #expect(try source("my.data/") as? ImageFolderSource == ImageFolderSource(path: "my.data/"))
        #expect(try source("\(root.path)/cifar") as? CIFAR10Source == CIFAR10Source(root: "\(root.path)/cifar"))
        #expect(try source("./hundred") as? CIFAR100Source == CIFAR100Source(root: "./hundred"))
        #expect(try source("./mnist") as? IDXSource == IDXSource(path: "./mnist"))
        #expect(try source("a.jpeg") as? ImageFolderSource == ImageFolderSource(path: "a.jpeg"))
    }

    @Test func settingsThatCannotWorkAreRefused() {
        func read(_ settings: ConfigurationValue) -> EspalierError? {
            failure { try ImageFolderSource(configuration: ConfigurationNode(settings)) }
        }
        #expect(read(["path": "a", "size": .list([32, 32]), "channels": 3, "resize": "stretch"]) == nil)
        #expect(read(["path": "a", "size": .list([32])]) != nil)
        #expect(read(["path": "a", "size": .list([0, 32])]) != nil)
        #expect(read(["path": "a", "channels": 2]) != nil)
        #expect(read(["path": "a", "resize": "crop"])?.what == "unknown value \"crop\"")
    }
}
