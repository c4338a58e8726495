import EspalierGraph
import Testing

@testable import EspalierEngine

extension EngineTests {
    @Suite struct ErrorTests {
        private static func message(_ body: () throws -> Void) -> String? {
            do { try body() } catch { return "\(error)" }
            return nil
        }

        @Test func labelOutOfRange() {
            for label in [3, -1] as [Int32] {
                let loss = Tensor.zeros([2, 3]).crossEntropy(labels: Tensor([0, label], [2]))
                #expect(
                    Self.message { _ = try loss.values() }
                        == "cross-entropy: label \(label) of row 1 is not one of the 3 classes 0..<3")
            }
        }

        @Test func indexOutOfRange() {
            let picked = Tensor([1, 2, 3] as [Float], [3]).gather(Tensor([2, 0, 7] as [Int32], [3]))
            #expect(Self.message { _ = try picked.values() } == "gather along 0: index 7 at position 2 is out of range")
        }

        @Test func emptyShape() {
            let empty = Tensor([] as [Float], [0, 2]) + 1
            #expect(Self.message { _ = try empty.values() }?.contains("empty shape [0, 2]") == true)
        }

        @Test func missingInput() {
            let x = Tensor.input("temperature", [2])
            #expect(Self.message { _ = try (x + 1).values() }?.contains("\"temperature\"") == true)
            #expect(
                Self.message { _ = try Engine.current.compile(Computation(outputs: [x + 1])) }?
                    .contains("\"temperature\"") == true)
        }
    }
}
