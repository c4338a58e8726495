import EspalierSpec
import Foundation

/// The state of a training in a file, from which it goes on to the same bytes.
public struct Checkpoint: Sendable {
    public let path: String
    let snapshot: TrainingSnapshot

    /// Steps that were taken.
    public var step: Int { snapshot.header.step }
    /// Epochs that were completed.
    public var epochs: Int { snapshot.header.history.count }
}

/// The checkpoints of one training in a folder: `step-00000500.checkpoint`.
struct CheckpointFolder: Sendable {
    let path: String

    func file(ofStep step: Int) -> String {
        let digits = String(step)
        return "step-\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).checkpoint"
    }

    /// The names of all checkpoints, intact or not, the newest first.
    var names: [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return all.compactMap { name in Self.step(of: name).map { (name, $0) } }
            .sorted { ($1.1, $1.0) < ($0.1, $0.0) }.map(\.0)
    }

    /// The step in a checkpoint's name; nothing for the name of something else.
    static func step(of name: String) -> Int? {
        guard name.hasPrefix("step-"), name.hasSuffix(".checkpoint") else { return nil }
        let digits = name.dropFirst(5).dropLast(11)
        return digits.allSatisfy { $0.isASCII && $0.isNumber } ? Int(digits) : nil
    }

    /// The newest checkpoint that is intact and fits, and why each newer one is not used.
    ///
    /// - Parameter check: Throws where a checkpoint is not of the training that is to go on.
    func newest(_ check: (TrainingSnapshot) throws -> Void) -> (checkpoint: Checkpoint?, unusable: [EspalierError]) {
        var unusable: [EspalierError] = []
        for name in names {
            let file = "\(path)/\(name)"
            do {
                let snapshot = try CheckpointFile.read(file)
                try check(snapshot)
                return (Checkpoint(path: file, snapshot: snapshot), unusable)
            } catch let error as EspalierError {
                unusable.append(error.located(at: file))
            } catch {
                unusable.append(EspalierError("the checkpoint cannot be read: \(error)", at: file))
            }
        }
        return (nil, unusable)
    }

    func remove(_ name: String) { unlink("\(path)/\(name)") }

    /// Takes away what a writer left that was killed.
    func removeLeftovers() {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        where name.hasPrefix(".") && name.hasSuffix(".tmp") { remove(name) }
    }
}
