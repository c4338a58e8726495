/// A whole page: what every page of the report has around its sections.
struct Document {
    var title: String
    /// What the page is, beside the name of the program.
    var kind: String
    var header: [Markup]
    var main: [Markup]
    var footer: String

    /// The document as HTML text.
    var html: String { "<!DOCTYPE html>\n" + markup.rendered + "\n" }

    var markup: Markup {
        tag("html", ["lang": "en"]) {
            tag("head") {
                tag("meta", ["charset": "utf-8"])
                tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
                tag("meta", ["name": "color-scheme", "content": "light dark"])
                tag("title") { title }
                tag("style") { Markup.verbatim(Theme.styleSheet) }
            }
            tag("body") {
                tag("header") {
                    tag("div", ["class": "top"]) {
                        tag("div", ["class": "brand"]) {
                            tag("b") { "Espalier" }
                            " · \(kind)"
                        }
                        themeSwitch
                    }
                    header
                }
                tag("main") { main }
                tag("footer") { footer }
                tag("div", ["id": "tip", "role": "status", "hidden": "hidden"])
                // An XML parser must not take the script's < and & for markup.
                tag("script") { Markup.verbatim("//<![CDATA[\n\(Script.text)\n//]]>") }
            }
        }
    }

    /// Radio buttons that the style sheet asks for their state, so that the choice needs no script.
    private var themeSwitch: Markup {
        tag("fieldset") {
            tag("legend", ["class": "unseen"]) { "Colours" }
            ["auto", "light", "dark"].map { theme in
                tag("label") {
                    tag(
                        "input",
                        [
                            "type": "radio", "name": "theme", "id": "theme-\(theme)", "value": theme,
                            "checked": theme == "auto" ? "checked" : nil,
                        ])
                    theme.prefix(1).uppercased() + theme.dropFirst()
                }
            }
        }
    }
}

/// A heading with its cards; nothing without any.
func section(_ title: String, cards: [Markup]) -> Markup {
    guard !cards.isEmpty else { return .empty }
    return tag("section") {
        tag("h2") { title }
        tag("div", ["class": "cards"]) { cards }
    }
}
