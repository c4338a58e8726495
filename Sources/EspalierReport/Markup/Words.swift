/// Names of the run folder as words.
enum Words {
    /// `vanishing gradient` of `vanishingGradient`, `dying ReLU` of `dyingReLU`, `validation accuracy` of
    /// `validation_accuracy`.
    static func of(_ name: String) -> String {
        if let words = own[name] { return words }
        var words: [String] = [""]
        var isAfterSmall = false
        for (letter, next) in zip(name, name.dropFirst().map(Optional.some) + [nil]) {
            // `ReLU` is one word: a capital begins one between small letters.
            let begins = letter.isUppercase && isAfterSmall && next?.isLowercase ?? false
            if begins || letter == "_" { words.append("") }
            if letter != "_" { words[words.count - 1].append(letter) }
            isAfterSmall = !letter.isUppercase
        }
        return words.filter { !$0.isEmpty }
            .map { word in word.dropFirst().contains(where: \.isUppercase) ? word : word.lowercased() }
            .joined(separator: " ")
    }

    /// The same with a capital at its beginning.
    static func title(_ name: String) -> String {
        let words = of(name)
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static let own = [
        "nonFinite": "numbers that are not finite",
        "given": "not finite before the step",
        "trainEvalMismatch": "training and inference disagree", "lossNotDecreasing": "loss that does not fall",
    ]
}
