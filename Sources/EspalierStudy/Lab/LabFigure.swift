import EspalierSpec

/// A figure of an experiment, as data: what is to be drawn, not how.
public struct LabFigure: Sendable, Hashable {
    /// What is measured: the title over the figure.
    public var title: String
    /// What there is to be seen, in a sentence or two.
    public var caption: String
    public var content: Content

    public enum Content: Sendable, Hashable {
        case lines(Lines)
        case histograms(Histograms)
        case heatMap(HeatMap)
        case dots(Dots)
        case plane(Plane)
        case blocks(Blocks)
    }

    public init(_ title: String, _ caption: String, _ content: Content) {
        self.title = title
        self.caption = caption
        self.content = content
    }

    /// An axis of a plot.
    public struct Axis: Sendable, Hashable {
        public var name: String
        public var isLogarithmic: Bool
        /// Whether its values are shares of one, to be written in percent.
        public var isShare: Bool

        public init(_ name: String, logarithmic: Bool = false, share: Bool = false) {
            self.name = name
            isLogarithmic = logarithmic
            isShare = share
        }
    }

    /// Curves or points, in one panel or in several that share their axes.
    public struct Lines: Sendable, Hashable {
        public struct Series: Sendable, Hashable {
            public var name: String
            /// As many as there are values of y; a curve's rise.
            public var x: [Double]
            public var y: [Double]
            /// Whether a line goes through the points.
            public var isConnected: Bool

            public init(_ name: String, x: [Double], y: [Double], connected: Bool = true) {
                self.name = name
                self.x = x
                self.y = y
                isConnected = connected
            }

            /// Values at 1, 2, 3 and so on, or from another place with another step.
            public init(_ name: String, _ y: [Double], from first: Double = 1, step: Double = 1) {
                self.init(name, x: y.indices.map { first + step * Double($0) }, y: y)
            }
        }

        public struct Panel: Sendable, Hashable {
            public var name: String
            public var series: [Series]

            public init(_ name: String, _ series: [Series]) {
                self.name = name
                self.series = series
            }
        }

        /// A level that the eye compares with.
        public struct Guide: Sendable, Hashable {
            public var level: Double
            public var label: String
        }

        /// A place that is pointed out.
        public struct Mark: Sendable, Hashable {
            public var x: Double
            public var y: Double
            public var label: String
        }

        public var x: Axis
        public var y: Axis
        public var panels: [Panel]
        public var guides: [Guide] = []
        public var mark: Mark?

        public init(x: Axis, y: Axis, panels: [Panel]) {
            self.x = x
            self.y = y
            self.panels = panels
        }

        public init(x: Axis, y: Axis, _ series: [Series], guides: [(Double, String)] = [], mark: Mark? = nil) {
            self.init(x: x, y: y, panels: [Panel("", series)])
            self.guides = guides.map { Guide(level: $0.0, label: $0.1) }
            self.mark = mark
        }
    }

    /// Distributions: a row for each setting, a column for each layer.
    public struct Histograms: Sendable, Hashable {
        public struct Row: Sendable, Hashable {
            public var name: String
            /// What the first bin begins and the last ends with.
            public var range: ClosedRange<Double>
            /// For each column, how many values are in each bin of equal width.
            public var counts: [[Int]]

            public init(_ name: String, over range: ClosedRange<Double>, _ counts: [[Int]]) {
                self.name = name
                self.range = range
                self.counts = counts
            }
        }

        public var columns: [String]
        public var rows: [Row]

        public init(columns: [String], rows: [Row]) {
            self.columns = columns
            self.rows = rows
        }
    }

    /// Positive values in rows, as colours on a logarithmic scale.
    public struct HeatMap: Sendable, Hashable {
        public var axis: String
        /// Rising.
        public var columns: [Double]
        public var rows: [(name: String, values: [Double])]
        public var quantity: String

        public init(axis: String, columns: [Double], rows: [(name: String, values: [Double])], quantity: String) {
            self.axis = axis
            self.columns = columns
            self.rows = rows
            self.quantity = quantity
        }

        public static func == (first: Self, second: Self) -> Bool { first.configuration == second.configuration }
        public func hash(into hasher: inout Hasher) { hasher.combine(configuration) }
    }

    /// A value for each of several names, with the interval that it lies in.
    public struct Dots: Sendable, Hashable {
        public struct Row: Sendable, Hashable {
            public var name: String
            public var value: Double
            public var interval: ClosedRange<Double>?

            public init(_ name: String, _ value: Double, _ interval: ClosedRange<Double>? = nil) {
                self.name = name
                self.value = value
                self.interval = interval
            }
        }

        public var axis: Axis
        public var rows: [Row]

        public init(_ axis: Axis, _ rows: [Row]) {
            self.axis = axis
            self.rows = rows
        }
    }

    /// Paths over the contours of a function of two variables.
    public struct Plane: Sendable, Hashable {
        public struct Path: Sendable, Hashable {
            public var name: String
            public var x: [Double]
            public var y: [Double]
        }

        public var x: ClosedRange<Double>
        public var y: ClosedRange<Double>
        /// Closed curves.
        public var contours: [Path]
        /// A panel for each.
        public var paths: [Path]
    }

    /// Blocks [samples, channels, places] with the elements that belong together.
    public struct Blocks: Sendable, Hashable {
        public struct Block: Sendable, Hashable {
            public var name: String
            public var detail: String
            /// Each [sample, channel, place].
            public var shared: [[Int]]
        }

        public var extents: [Int]
        public var blocks: [Block]
    }
}
