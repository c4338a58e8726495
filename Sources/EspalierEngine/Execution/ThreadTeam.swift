import CKernels

/// The threads that kernels run on.
public enum ThreadTeam {
    /// Runs `body` for ranges that together are `0..<count`, one on each of at most `threads` threads.
    public static func forEachBand(of count: Int, threads: Int, _ body: @Sendable (Range<Int>) -> Void) {
        withoutActuallyEscaping(body) { body in
            var work = Bands(count: count, body: body)
            withUnsafeMutablePointer(to: &work) {
                espalier_team_run(Int32(min(threads, max(count, 1))), runBand, UnsafeMutableRawPointer($0))
            }
        }
    }

    private struct Bands {
        var count: Int
        var body: @Sendable (Range<Int>) -> Void
    }

    private static let runBand: @convention(c) (UnsafeMutableRawPointer?, Int32, Int32) -> Void = {
        context, member, members in
        let work = context!.assumingMemoryBound(to: Bands.self)
        let count = work.pointee.count, members = Int(members), member = Int(member)
        work.pointee.body(count * member / members..<count * (member + 1) / members)
    }
}
