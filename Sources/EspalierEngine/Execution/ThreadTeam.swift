import CKernels
import Foundation

/// The threads that oneDNN's kernels and ours run on: libgomp's.
public enum ThreadTeam {
    /// How often an idle thread looks for work before it sleeps: some 0.1 ms.
    private static let spins = "3000"

    /// Lets idle threads of the team sleep after a short wait instead of spinning for milliseconds.
    ///
    /// On a machine with nothing else to do spinning costs nothing; on a busy one, threads that spin keep those they
    /// wait for off the processors, and a step can take a hundred times as long. libgomp reads its settings when the
    /// process starts, so a program that wants this calls it first of all: if neither `GOMP_SPINCOUNT` nor
    /// `OMP_WAIT_POLICY` is set, the process starts itself anew with the former.
    public static func boundSpinning() {
        guard getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
        setenv("GOMP_SPINCOUNT", spins, 1)
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        // Where that is not possible the program goes on as it is, only slower on a busy machine.
    }
}
