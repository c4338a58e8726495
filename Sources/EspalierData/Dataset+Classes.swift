import EspalierSpec

extension Dataset {
    /// The same samples with labels that count in `names`; values stay as they are.
    ///
    /// Other data may have only some of the classes, or another order of them.
    ///
    /// - Throws: `EspalierError` naming a class that is not among `names`.
    public func relabelled(by names: [String]) throws -> Dataset {
        guard case .classes(let labels, let own) = targets, own != names else { return self }
        let numbers = try own.map { name in
            guard let number = names.firstIndex(of: name) else {
                throw unknown("class", name, among: names, at: self.name)
            }
            return Int32(number)
        }
        var copy = self
        copy.targets = .classes(labels.map { numbers[Int($0)] }, names: names)
        return copy
    }

    /// How many samples each class has, or labels where samples have several; nothing for values.
    public var classCounts: [Int]? {
        guard case .classes(let labels, let names) = targets else { return nil }
        return labels.reduce(into: [Int](repeating: 0, count: names.count)) { $0[Int($1)] += 1 }
    }
}
