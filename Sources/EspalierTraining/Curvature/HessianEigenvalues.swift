import EspalierData
import EspalierEngine
import EspalierGraph
import EspalierNN

/// Both ends of the spectrum of the loss's Hessian: how sharply the loss bends along parameters.
///
/// Descent with a fixed learning rate swings along a direction whose curvature is above 2 / learningRate; full-batch
/// training tends to rise up to just that, the "edge of stability". A negative one says that the point is a saddle.
///
/// Source: Cohen, Kaur, Li, Kolter and Talwalkar 2021, "Gradient descent on neural networks typically occurs at the edge of
/// stability".
public struct HessianEigenvalues: Sendable, Hashable {
    /// The most positive (its sharpness), and the most negative.
    public var largest: Double
    public var smallest: Double
    /// Steps of the search, each one product of the Hessian with a vector on all samples.
    public var iterations: Int
    /// Whether the one of largest magnitude no longer changed.
    public var isConverged: Bool

    /// The one of largest magnitude, with its sign.
    public var dominant: Double { abs(smallest) > abs(largest) ? smallest : largest }
}

extension Trainer {
    /// The largest and the smallest eigenvalue of the loss's Hessian by the parameters that learn, by Lanczos' method.
    ///
    /// The loss is that of training, as the mean over batches of `settings.batchSize`, without penalties; what makes no whole
    /// batch is left out. Each iteration takes some three times as long as a step on each of the batches, and three vectors
    /// as long as the parameters are kept. The training is left as it was.
    ///
    /// - Parameters:
    ///   - data: The samples; some hundred tell the largest eigenvalue well.
    ///   - iterations: Products with the Hessian at most; 30 give the ends of the spectrum to some digits.
    ///   - tolerance: The search ends where two iterations in a row change the dominant eigenvalue by no greater share.
    /// - Returns: Numbers that are not finite where a loss or a derivative is not.
    /// - Throws: `EspalierError` for data that the model cannot take, `EngineError` for a label out of range.
    public func hessianEigenvalues(
        on data: Dataset, iterations: Int = 30, tolerance: Double = 1e-4
    ) throws -> HessianEigenvalues {
        let rows = DataOrder.permutation(count: data.count, seed: UInt64(settings.seed), epoch: 1)
        return try hessianEigenvalues(on: rows, of: data, iterations: iterations, tolerance: tolerance)
    }

    func hessianEigenvalues(
        on rows: [Int], of data: Dataset, iterations: Int, tolerance: Double
    ) throws -> HessianEigenvalues {
        precondition(iterations >= 1, "a search takes at least one iteration, not \(iterations)")
        return try onLossSurface(of: data) { surface in
            let batches = try surfaceBatches(rows, size: min(settings.batchSize, rows.count), of: data)
            var search = LanczosSearch(surface.places, count: state.parameters.storage.count, tolerance: tolerance)
            while search.matrix.count < iterations, !search.isDone {
                search.advance(try surface.product(search.vector, on: batches, of: data))
            }
            return search.eigenvalues
        }
    }
}

/// Lanczos' method: the symmetric matrix A, of which only products are known, as a tridiagonal one in a basis of its own.
///
/// From a random q_1 of length 1: r = A q_k - b_(k-1) q_(k-1), a_k = q_k r, r <- r - a_k q_k, b_k = |r|, q_(k+1) = r / b_k.
/// The basis is not made orthogonal again, which repeats eigenvalues that were found, and leaves the outermost as they are.
///
/// Source: Lanczos 1950, "An iteration method for the solution of the eigenvalue problem"; Paige 1980, "Accuracy and
/// effectiveness of the Lanczos algorithm for the symmetric eigenproblem", for what rounding does.
private struct LanczosSearch {
    private(set) var vector: [Float]
    private(set) var matrix = TridiagonalMatrix()
    private(set) var isDone = false
    private var isConverged = false
    private var previous: [Float]
    private var link = 0.0
    private var last = Double.nan
    private var settled = 0
    private let tolerance: Double
    /// How many dimensions there are.
    private let dimensions: Int

    init(_ places: [Range<Int>], count: Int, tolerance: Double) {
        self.tolerance = tolerance
        vector = [Float](repeating: 0, count: count)
        previous = vector
        dimensions = places.reduce(0) { $0 + $1.count }
        var random = RandomStream(seed: 1, "curvature")
        for index in places.joined() { vector[index] = Float(random.normal()) }
        let length = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        for index in places.joined() { vector[index] = Float(Double(vector[index]) / length) }
    }

    mutating func advance(_ product: [Float]) {
        let element = zip(vector, product).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        matrix.append(element, link: link)
        var rest = [Float](repeating: 0, count: product.count), square = 0.0
        for index in product.indices {
            let value =
                Double(product[index]) - element * Double(vector[index]) - link * Double(previous[index])
            rest[index] = Float(value)
            square += value * value
        }
        let eigenvalues = eigenvalues, dominant = eigenvalues.dominant
        settled = abs(dominant - last) <= tolerance * abs(dominant) ? settled + 1 : 0
        last = dominant
        link = square.squareRoot()
        // What is left is rounding: the vectors so far span all that the first has a part in.
        let isWhole = matrix.count >= dimensions || link <= 1e-5 * max(abs(dominant), abs(element))
        isConverged = settled >= 2 || isWhole
        isDone = isConverged || !dominant.isFinite || !link.isFinite
        previous = vector
        if !isDone { vector = rest.map { Float(Double($0) / link) } }
    }

    var eigenvalues: HessianEigenvalues {
        let (smallest, largest) = matrix.extremes
        return HessianEigenvalues(
            largest: largest, smallest: smallest, iterations: matrix.count, isConverged: isConverged)
    }
}
