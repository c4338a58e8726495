import CKernels
import Foundation

/// The processors that this process may use.
public enum Processors {
    /// How many the process may run on, by its affinity.
    public static var allowed: Int {
        let count = Int(espalier_allowed_processors())
        return count > 0 ? count : ProcessInfo.processInfo.activeProcessorCount
    }

    /// How many threads are worth using: as many as processors are allowed, fewer where a container gives less time.
    public static var usable: Int {
        guard let limit = ControlGroups(root: "").processorLimit else { return allowed }
        return max(1, min(allowed, Int(limit.rounded(.up))))
    }
}
