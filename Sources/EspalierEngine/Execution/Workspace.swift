import EspalierGraph

/// Memory for what executables compute on their way, shared by all that are compiled for it.
///
/// They run one after the other, so one arena, as large as the largest of them needs, is enough, and what one has just
/// used is in the cache for the next. The outputs of an executable last until another one of the workspace runs.
public final class Workspace {
    private(set) var arena = Storage(count: 0)
    private(set) var scratch = Storage(count: 0)
    /// Which executable ran last, so that nobody takes another one's results for its own.
    var user: ObjectIdentifier?

    public init() {}

    /// Bytes of results and scratch memory.
    public var bytes: Int { (arena.count + scratch.count) * 4 }

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
