import Foundation

extension Profile: CustomStringConvertible {
    private static let head = [
        "#", "kernel", "result", "time µs", "share", "read", "written", "Mflop", "Gflop/s", "GB/s", "of peak", "limit",
    ]

    /// The kernels as a table, in the order of execution, then totals.
    public var description: String {
        let read = kernels.reduce(0) { $0 + $1.bytesRead }, written = kernels.reduce(0) { $0 + $1.bytesWritten }
        let total = [
            "", "all kernels", "", Self.fixed(kernelSeconds * 1e6), "", Self.size(read), Self.size(written),
            Self.fixed(Double(operations) * 1e-6, 3), rate(operations), rate(read + written),
            Self.percent(shareOfPeak), "",
        ]
        let title = "\(name): \(kernels.count) kernels, medians of \(steps) steps, threads: \(peak.threads)"
        return [title, Self.aligned([Self.head] + kernels.map(Self.cells) + [total]), summary, ""].joined(
            separator: "\n")
    }

    private static func cells(_ kernel: Kernel) -> [String] {
        [
            "\(kernel.index)", clipped(kernel.kind == kernel.name ? kernel.kind : "\(kernel.kind): \(kernel.name)"),
            kernel.shape.isEmpty ? "scalar" : kernel.shape.map(String.init).joined(separator: "×"),
            fixed(kernel.seconds * 1e6), percent(kernel.share), size(kernel.bytesRead), size(kernel.bytesWritten),
            fixed(Double(kernel.operations) * 1e-6, 3), fixed(kernel.operationsPerSecond * 1e-9),
            fixed(kernel.bytesPerSecond * 1e-9), percent(kernel.shareOfPeak),
            kernel.limit.rawValue,
        ]
    }

    private var summary: String {
        let kinds = kinds.map { "\($0.kind) \(Self.percent($0.share)) (\($0.count))" }.joined(separator: ", ")
        let caches = peak.bandwidths.dropLast().map {
            "\(Self.fixed($0.bytesPerSecond * 1e-9)) for \(Self.size($0.bytes))"
        }
        return """
            by kind: \(kinds)
            a step takes \(Self.fixed(stepSeconds * 1e6)) µs and its plan \(Self.size(bytes)), of which intermediate \
            results \(Self.size(arenaBytes))
            peak, measured: \(Self.fixed(peak.operationsPerSecond * 1e-9)) Gflop/s in a product of large matrices; \
            \(Self.fixed(peak.memoryBytesPerSecond * 1e-9)) GB/s in copying memory, from caches \
            \(caches.joined(separator: ", "))
            """
    }

    private func rate(_ count: Int) -> String {
        Self.fixed(kernelSeconds > 0 ? Double(count) / kernelSeconds * 1e-9 : 0)
    }

    // Form

    /// Columns of equal width, numbers to the right.
    private static func aligned(_ rows: [[String]]) -> String {
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 1 || column == 2 ? cell + space : space + cell
            }
            .joined(separator: "  ")
        }
        .joined(separator: "\n")
    }

    private static func clipped(_ text: String) -> String { text.count > 48 ? text.prefix(47) + "…" : text }

    private static func fixed(_ value: Double, _ digits: Int = 1) -> String {
        String(format: "%.\(digits)f", value)
    }

    private static func percent(_ share: Double) -> String { fixed(share * 100) + "%" }

    /// `1.2 MB`; units are powers of 1000.
    private static func size(_ bytes: Int) -> String {
        var value = Double(bytes), units = ["B", "kB", "MB"][...]
        while value >= 999.5, units.count > 1 || units.first != "GB" {
            value /= 1000
            units = units.count > 1 ? units.dropFirst() : ["GB"]
        }
        return "\(fixed(value, bytes < 1000 ? 0 : 1)) \(units.first ?? "GB")"
    }
}
