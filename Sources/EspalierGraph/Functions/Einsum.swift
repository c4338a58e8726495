extension Tensor {
    /// Sums of products by Einstein's notation, as PyTorch reads it: `einsum("bij,bjk->bik", a, b)`.
    ///
    /// Every axis of every operand has a letter. An axis whose letter is not in the result is summed over; a letter
    /// twice in one operand takes the diagonal; `...` stands for the axes that have no letter, which broadcast. Without
    /// `->` the result has `...` and then, in the order of the alphabet (capitals first), the letters that occur once.
    /// An extent of one stretches. Operands are contracted from left to right.
    ///
    /// What does not fit stops the program, as with every operation.
    public static func einsum(_ equation: String, _ operands: Tensor...) -> Tensor {
        do {
            return try einsum(equation, of: operands)
        } catch {
            fatalError(error.description)
        }
    }

    /// `einsum` of a list of operands.
    ///
    /// - Throws: `ShapeError` where the equation cannot be read or the operands do not fit it.
    public static func einsum(_ equation: String, of operands: [Tensor]) throws(ShapeError) -> Tensor {
        let notation = try EinsteinNotation(equation, operands.map(\.node.type))
        var terms: [LabelledTensor] = []
        for (operand, labels) in zip(operands, notation.operands) {
            terms.append(LabelledTensor(operand, labels).withDiagonals())
        }
        var result = terms[0]
        for (index, term) in terms.enumerated().dropFirst() {
            let needed = Set(notation.result).union(terms[(index + 1)...].flatMap(\.labels))
            result = result.contracted(with: term, keeping: needed)
        }
        return result.summed(keeping: Set(notation.result)).transposed(to: notation.result).tensor
    }
}

/// An equation with an axis label for every axis of every operand and of the result.
private struct EinsteinNotation {
    enum Label: Hashable {
        case letter(Character)
        /// An axis that `...` stands for, counted from the last.
        case unnamed(Int)
    }

    private(set) var operands: [[Label]] = []
    private(set) var result: [Label] = []

    init(_ equation: String, _ types: [TensorType]) throws(ShapeError) {
        func fail(_ problem: String) -> ShapeError { ShapeError("einsum \"\(equation)\"", problem, types) }
        let text = equation.filter { !$0.isWhitespace }
        let arrow = text.firstRange(of: "->")
        let left = arrow.map { text[..<$0.lowerBound] } ?? text[...]
        let terms = left.split(separator: ",", omittingEmptySubsequences: false)
        guard terms.count == types.count, !types.isEmpty else {
            throw fail("\(terms.count) terms on the left, and \(types.count) operands")
        }
        guard types.allSatisfy({ $0.dtype == .float32 }) else { throw fail("needs float32 operands") }
        var extents: [Label: Int] = [:]
        for (index, (term, type)) in zip(terms, types).enumerated() {
            let labels = try Self.labels(term, unnamed: nil, rank: type.shape.rank, fail)
            guard labels.count == type.shape.rank else {
                throw fail("\"\(term)\" names \(labels.count) axes, and operand \(index) has \(type.shape.rank)")
            }
            for (label, extent) in zip(labels, type.shape.dimensions) where extent != 1 {
                guard extents[label] ?? extent == extent else {
                    throw fail("the extents \(extents[label] ?? 1) and \(extent) of \(label) differ")
                }
                extents[label] = extent
            }
            operands.append(labels)
        }
        let all = operands.flatMap(\.self)
        let unnamed = all.reduce(0) { if case .unnamed(let place) = $1 { max($0, place + 1) } else { $0 } }
        guard let arrow else {
            let once = Set(all).filter { label in all.count { $0 == label } == 1 }
            let letters = once.compactMap { if case .letter(let letter) = $0 { letter } else { nil } }.sorted()
            result = (0..<unnamed).reversed().map { .unnamed($0) } + letters.map { .letter($0) }
            return
        }
        result = try Self.labels(text[arrow.upperBound...], unnamed: unnamed, rank: 0, fail)
        for label in result {
            guard all.contains(label) else { throw fail("\(label) of the result is in no operand") }
            guard result.count(where: { $0 == label }) == 1 else { throw fail("\(label) is twice in the result") }
        }
    }

    /// The labels of a term, where `...` is for `unnamed` axes, or for as many as `rank` leaves over.
    private static func labels(
        _ term: Substring, unnamed: Int?, rank: Int, _ fail: (String) -> ShapeError
    ) throws(ShapeError) -> [Label] {
        let parts = term.split(separator: "...", omittingEmptySubsequences: false)
        let named = parts.map { $0.map { Label.letter($0) } }
        guard parts.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isLetter } }) else {
            throw fail("\"\(term)\" has other signs than letters and one \"...\"")
        }
        guard parts.count <= 2 else { throw fail("\"\(term)\" has \"...\" more than once") }
        if parts.count == 1 { return named[0] }
        let count = unnamed ?? rank - named[0].count - named[1].count
        guard count >= 0 else {
            throw fail("\"\(term)\" names more axes than the \(rank) that its operand has")
        }
        return named[0] + (0..<count).reversed().map { .unnamed($0) } + named[1]
    }
}

extension EinsteinNotation.Label: CustomStringConvertible {
    var description: String {
        switch self {
        case .letter(let letter): "\"\(letter)\""
        case .unnamed(let place): "axis \(-1 - place) of \"...\""
        }
    }
}

/// A tensor whose axes have labels.
private struct LabelledTensor {
    typealias Label = EinsteinNotation.Label

    var tensor: Tensor
    var labels: [Label]

    init(_ tensor: Tensor, _ labels: [Label]) {
        self.tensor = tensor
        self.labels = labels
    }

    /// Axes of one label made one, along the diagonal.
    func withDiagonals() -> LabelledTensor {
        for (axis, label) in labels.enumerated() {
            guard let other = labels[(axis + 1)...].firstIndex(of: label) else { continue }
            let rest = labels.indices.filter { $0 != axis && $0 != other }
            let extent = tensor.shape[axis], second = tensor.shape[other]
            // An extent of one beside a larger one stretches; its diagonal is the other axis.
            let count = max(extent, second)
            let square = tensor.transposed(rest + [axis, other])
                .broadcast(to: Shape(rest.map { tensor.shape[$0] } + [count, count]))
                .flattened(from: rest.count)
            let starts = [Int](repeating: 0, count: rest.count + 1)
            let diagonal = square.slice(
                starts: starts, counts: square.shape.dimensions.dropLast() + [count],
                steps: rest.map { _ in 1 } + [count + 1])
            return LabelledTensor(diagonal, rest.map { labels[$0] } + [label]).withDiagonals()
        }
        return self
    }

    func transposed(to order: [Label]) -> LabelledTensor {
        LabelledTensor(tensor.transposed(order.compactMap(labels.firstIndex(of:))), order)
    }

    /// Sums over the axes of other labels than those kept.
    func summed(keeping kept: Set<Label>) -> LabelledTensor {
        let axes = labels.indices.filter { !kept.contains(labels[$0]) }
        return LabelledTensor(tensor.sum(axes: axes), labels.filter(kept.contains))
    }

    /// The product with `other`, summed over the labels that are not kept.
    func contracted(with other: LabelledTensor, keeping kept: Set<Label>) -> LabelledTensor {
        let a = summed(keeping: kept.union(other.labels)), b = other.summed(keeping: kept.union(labels))
        let shared = a.labels.filter(b.labels.contains)
        // Along an extent of one a matrix product does not stretch: such an axis is only multiplied.
        let contracted = shared.filter { !kept.contains($0) && a.extent($0) == b.extent($0) }
        if contracted.isEmpty { return a.multiplied(by: b).summed(keeping: kept) }
        let batch = shared.filter { !contracted.contains($0) }
        let first = a.labels.filter { !shared.contains($0) }, second = b.labels.filter { !shared.contains($0) }
        let left = a.matrices(batch, first, contracted), right = b.matrices(batch, second, contracted)
        let product = left.matmul(right, transposeSecond: true)
        let extents = Array(product.shape.dimensions.dropLast(2)) + first.map(a.extent) + second.map(b.extent)
        return LabelledTensor(product.reshaped(to: Shape(extents)), batch + first + second).summed(keeping: kept)
    }

    private func extent(_ label: Label) -> Int { labels.firstIndex(of: label).map { tensor.shape[$0] } ?? 1 }

    /// [batch..., rows, columns], where rows and columns are several axes in one.
    private func matrices(_ batch: [Label], _ rows: [Label], _ columns: [Label]) -> Tensor {
        func count(_ labels: [Label]) -> Int { labels.map(extent).reduce(1, *) }
        return transposed(to: batch + rows + columns).tensor
            .reshaped(to: Shape(batch.map(extent) + [count(rows), count(columns)]))
    }

    /// The product element by element, over the labels of both.
    private func multiplied(by other: LabelledTensor) -> LabelledTensor {
        let all = labels + other.labels.filter { !labels.contains($0) }
        func aligned(_ term: LabelledTensor) -> Tensor {
            term.transposed(to: all.filter(term.labels.contains)).tensor.reshaped(to: Shape(all.map(term.extent)))
        }
        return LabelledTensor(aligned(self) * aligned(other), all)
    }
}
