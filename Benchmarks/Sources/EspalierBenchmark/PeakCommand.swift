import ArgumentParser
import Espalier
import Foundation

/// Measures what the machine can do at most: matrix products, and copying memory.
struct PeakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peak", abstract: "Measures the machine's peak and prints it as JSON.")

    @OptionGroup var options: ThreadOptions

    func run() throws {
        let peak = try MachinePeak(of: Engine(threads: options.threads))
        print(String(decoding: try JSONEncoder().encode(peak), as: UTF8.self))
    }
}
