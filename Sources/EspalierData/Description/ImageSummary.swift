/// What images are like: their range, mean and standard deviation by channel, and some of them drawn in characters.
public struct ImageSummary: Sendable, Hashable {
    /// Of each channel.
    public let channels: [Channel]
    /// One sample of each class, or the first ones, at most ten.
    public let pictures: [Picture]

    /// All numbers of one channel.
    public struct Channel: Sendable, Hashable {
        public let range: ClosedRange<Float>
        public let mean: Double
        /// Of the population.
        public let deviation: Double
    }

    /// A sample in characters.
    public struct Picture: Sendable, Hashable {
        /// Its class, or its row.
        public let title: String
        public let lines: [String]
    }

    /// Samples [C, H, W] or [H, W] are images; nothing for others.
    ///
    /// - Throws: `EspalierError` where samples cannot be read.
    init?(of dataset: Dataset) throws {
        let shape = dataset.sampleShape
        guard shape.count == 3 || shape.count == 2 else { return nil }
        let channels = shape.count == 3 ? shape[0] : 1, height = shape[shape.count - 2], width = shape[shape.count - 1]
        let statistics = try ColumnStatistics(columns: channels, columnSize: height * width) { body in
            try dataset.forEachBlock(body)
        }
        self.channels = (0..<channels).map {
            Channel(
                range: statistics.minimum[$0]...statistics.maximum[$0], mean: statistics.mean[$0],
                deviation: statistics.variance[$0].squareRoot())
        }
        let least = statistics.minimum.min() ?? 0, most = statistics.maximum.max() ?? 0
        pictures = try Self.chosen(dataset).map { row, title in
            let sample = try [Float](unsafeUninitializedCapacity: dataset.sampleSize) { numbers, initialized in
                if let base = numbers.baseAddress { try dataset.copyInputs([row], to: base) }
                initialized = dataset.sampleSize
            }
            // The mean of the channels is bright enough to see what it is.
            let gray = (0..<height * width).map { pixel in
                (0..<channels).reduce(Float(0)) { $0 + sample[$1 * height * width + pixel] } / Float(channels)
            }
            return Picture(
                title: title, lines: Self.lines(gray, height: height, width: width, range: least...max(most, least)))
        }
    }

    private static func chosen(_ dataset: Dataset) -> [(row: Int, title: String)] {
        guard case .classes(let labels, let names) = dataset.targets, labels.count == dataset.count else {
            return (0..<min(10, dataset.count)).map { ($0, "row \($0 + 1)") }
        }
        return names.indices.prefix(10).compactMap { name in
            labels.firstIndex(of: Int32(name)).map { ($0, names[name]) }
        }
    }

    /// From dark to bright.
    private static let shades: [Character] = [" ", "░", "▒", "▓", "█"]

    /// A character is about twice as high as it is wide.
    private static func lines(_ pixels: [Float], height: Int, width: Int, range: ClosedRange<Float>) -> [String] {
        let columns = width <= 10 ? 2 * width : min(width, 18)
        let rows = max(1, (columns * height + width) / (2 * width))
        let span = range.upperBound - range.lowerBound
        return (0..<min(rows, 40)).map { row in
            String(
                (0..<columns).map { column -> Character in
                    let mean = mean(
                        pixels, width, rows: part(row, of: rows, height), columns: part(column, of: columns, width))
                    let brightness = span > 0 ? (mean - range.lowerBound) / span : 0
                    return shades[min(shades.count - 1, Int(brightness * Float(shades.count)))]
                })
        }
    }

    /// The pixels under one of `count` characters, at least one.
    private static func part(_ index: Int, of count: Int, _ size: Int) -> Range<Int> {
        let start = min(size - 1, index * size / count)
        return start..<max(start + 1, (index + 1) * size / count)
    }

    private static func mean(_ pixels: [Float], _ width: Int, rows: Range<Int>, columns: Range<Int>) -> Float {
        var sum: Float = 0
        for row in rows { for column in columns { sum += pixels[row * width + column] } }
        return sum / Float(rows.count * columns.count)
    }
}
