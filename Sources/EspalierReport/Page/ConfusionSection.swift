/// Which classes were taken for which.
extension ReportPage {
    var confusionCards: [Markup] {
        guard let confusion = run.confusion, !confusion.matrix.isEmpty,
            confusion.matrix.allSatisfy({ row in
                row.count == confusion.matrix.count && row.allSatisfy(Event.counts.contains)
            })
        else { return [] }
        let matrix = confusion.matrix
        let known = run.start?.classes ?? []
        let classes = known.count == matrix.count ? known : matrix.indices.map(String.init)
        let total = matrix.joined().reduce(0, +)
        let right = matrix.indices.reduce(0) { $0 + matrix[$1][$1] }
        let caption =
            "\(Format.count(right)) of \(Format.count(total)) \(confusion.set) samples are right: blue on the diagonal. "
            + "Orange: the mistakes."
        let figure = card(
            "Confusion matrix", caption,
            plot: ConfusionPlot(id: "confusion", summary: caption, matrix: matrix, classes: classes))
        // Past some forty classes the cells are too small to read, and the table says more.
        return (matrix.count <= 40 ? [figure] : []) + [classTable(matrix, classes)]
    }

    private func classTable(_ matrix: [[Int]], _ classes: [String]) -> Markup {
        let rows = matrix.indices.map { index in
            let total = matrix[index].reduce(0, +)
            let taken = matrix.reduce(0) { $0 + $1[index] }
            let wrong = matrix[index].indices.filter { $0 != index && matrix[index][$0] > 0 }
                .max { matrix[index][$0] < matrix[index][$1] }
            return (
                index: index, total: total, recall: ratio(matrix[index][index], total),
                precision: ratio(matrix[index][index], taken), wrong: wrong
            )
        }
        let worstFirst = rows.sorted { ($0.recall ?? 2, $0.index) < ($1.recall ?? 2, $1.index) }
        return tag("div", ["class": "card"]) {
            tag("h3") { matrix.count > 15 ? "The fifteen hardest classes" : "Classes, hardest first" }
            tag("p") {
                "Recall: share of the class that was found. Precision: share of its predictions that are right."
            }
            scrolling("Recall and precision by class") {
                table(["Class", "Samples", "Recall", "Precision", "Most often taken for"], numbers: [1, 2, 3]) {
                    worstFirst.prefix(15).map { row in
                        [
                            [.text(classes[row.index])], [.text(Format.count(row.total))],
                            [.text(row.recall.map(Format.percent) ?? "–")],
                            [.text(row.precision.map(Format.percent) ?? "–")],
                            [.text(row.wrong.map { "\(classes[$0]) (\(Format.count(matrix[row.index][$0])))" } ?? "–")],
                        ]
                    }
                }
            }
        }
    }

    private func ratio(_ part: Int, _ whole: Int) -> Double? { whole > 0 ? Double(part) / Double(whole) : nil }
}

/// A wide table in a box that scrolls by itself, also from the keyboard.
func scrolling(_ label: String, @MarkupBuilder content: () -> [Markup]) -> Markup {
    tag("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": label], content: content)
}

/// A table of cells; the columns in `numbers` are set to the right.
///
/// Where there are `lines`, a row is stacked on a phone: these columns have a line each, and the others follow one another
/// with their heads.
func table(_ head: [String], numbers: Set<Int>, lines: Set<Int> = [], rows: () -> [[[Markup]]]) -> Markup {
    func style(_ column: Int) -> String? {
        numbers.contains(column) ? "number" : lines.contains(column) ? "line" : nil
    }
    func label(_ column: Int) -> String? {
        lines.isEmpty || lines.contains(column) || head[column].isEmpty ? nil : head[column]
    }
    return tag("table", ["class": lines.isEmpty ? nil : "stacked"]) {
        tag("thead") {
            tag("tr") {
                head.enumerated().map { column, name in tag("th", ["scope": "col", "class": style(column)]) { name } }
            }
        }
        tag("tbody") {
            rows().map { row in
                tag("tr") {
                    row.enumerated().map { column, cell in
                        tag("td", ["class": style(column), "data-label": label(column)]) { cell }
                    }
                }
            }
        }
    }
}
