/// What the training sees of some of its images.
extension ReportPage {
    var augmentationCards: [Markup] {
        guard let sheet = run.augmentations, !sheet.rows.isEmpty, !sheet.columns.isEmpty else { return [] }
        let isMixed = sheet.columns.contains { $0.cells.contains { $0.note != nil } }
        let caption =
            "The first images of the training as they are, and below as its first epochs see them."
            + (isMixed ? " Where samples are mixed, so are their targets." : "")
        return [
            tag("figure", ["class": "card full"]) {
                tag("figcaption") {
                    tag("h3") { "Augmented samples" }
                    tag("p") { caption }
                }
                scrolling("Augmented samples") {
                    tag("table", ["class": "sheet"]) {
                        tag("tbody") { sheet.rows.indices.map { row($0, of: sheet) } }
                    }
                }
            }
        ]
    }

    private func row(_ index: Int, of sheet: AugmentationRecord) -> Markup {
        tag("tr") {
            tag("th", ["scope": "row"]) { sheet.rows[index] }
            sheet.columns.map { column in
                let cell = column.cells.indices.contains(index) ? column.cells[index] : AugmentationRecord.Cell()
                let label = cell.note ?? (index == 0 ? column.label : nil)
                return tag("td") {
                    if let image = cell.image {
                        tag(
                            "img",
                            [
                                "src": "data:image/png;base64,\(image)",
                                "alt": "\(cell.note ?? column.label), \(sheet.rows[index])",
                            ])
                    }
                    if let label { tag("small") { label } }
                }
            }
        }
    }
}
