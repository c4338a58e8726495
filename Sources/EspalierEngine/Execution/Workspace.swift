import EspalierGraph

/// Memory for what executables compute on their way, shared by all that are compiled for it.
///
/// They run one after the other, so one arena, as large as the largest of them needs, is enough, and what one has just
/// used is in the cache for the next. Inputs of the same number and size are one memory too: they are filled before each
/// execution. The outputs of an executable last until another one of the workspace runs.
public final class Workspace {
    private(set) var arena = Storage(count: 0)
    private(set) var scratch = Storage(count: 0)
    private var inputs: [Input: Storage] = [:]
    /// Which executable ran last, so that nobody takes another one's results for its own.
    var user: ObjectIdentifier?

    private struct Input: Hashable {
        var number: Int
        var count: Int
    }

    public init() {}

    /// Bytes of inputs, results and scratch memory.
    public var bytes: Int { (inputs.values.reduce(0) { $0 + $1.count } + arena.count + scratch.count) * 4 }

    /// The memory of an executable's input number `number`, of `count` elements.
    func input(_ number: Int, count: Int) -> Storage {
        let input = Input(number: number, count: count)
        let storage = inputs[input] ?? Storage(count: count)
        inputs[input] = storage
        return storage
    }

    /// Sees that there is room for so many elements.
    ///
    /// Who used smaller memory before has to set its addresses anew.
    func reserve(arena elements: Int) {
        if arena.count < elements { arena = Storage(count: elements) }
    }

    /// Sees that there is room for so many elements of scratch memory.
    func reserve(scratch elements: Int) {
        if scratch.count < elements { scratch = Storage(count: elements) }
    }
}
