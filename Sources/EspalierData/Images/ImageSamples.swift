import EspalierSpec
import Synchronization

/// Images of files as samples [channels, height, width] of numbers from 0 to 255, each decoded when it is asked for.
///
/// The bytes of pictures that were decoded once are kept, as long as all of them together take less than a gibibyte: then
/// only the first epoch decodes.
final class ImageSamples: SampleStore {
    let files: [String]
    let channels: Int
    let height: Int
    let width: Int
    private let resizing: Resizing
    private let kept: Mutex<[[UInt8]?]>?

    private static let mostKeptBytes = 1 << 30

    init(
        _ files: [String], channels: Int, height: Int, width: Int, by resizing: Resizing,
        keepingUpTo limit: Int = mostKeptBytes
    ) {
        self.files = files
        self.channels = channels
        self.height = height
        self.width = width
        self.resizing = resizing
        let fits = files.count <= limit / max(1, channels * height * width)
        kept = fits ? Mutex([[UInt8]?](repeating: nil, count: files.count)) : nil
    }

    var count: Int { files.count }

    func place(of row: Int) -> String? { files[row] }

    /// - Throws: `EspalierError` naming the file, where it is damaged or gone.
    func read(_ row: Int, into sample: UnsafeMutableBufferPointer<Float>) throws {
        let pixels = try pixels(of: row), area = height * width
        precondition(sample.count == channels * area, "room for one sample")
        for channel in 0..<channels {
            for place in 0..<area { sample[channel * area + place] = Float(pixels[place * channels + channel]) }
        }
    }

    private func pixels(of row: Int) throws -> [UInt8] {
        if let pixels = kept?.withLock({ $0[row] }) { return pixels }
        let picture = try ImageFile.read(files[row])
        let pixels = picture.converted(toChannels: channels).resized(height: height, width: width, by: resizing).pixels
        kept?.withLock { $0[row] = pixels }
        return pixels
    }
}
