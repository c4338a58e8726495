import Foundation

/// The threads that kernels run on.
public enum ThreadTeam {
    /// As many threads as there are processors for this process.
    public static var defaultSize: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }
}
