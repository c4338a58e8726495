/// A page as a whole: its head with the style sheet, the brand with the switch of colours, what it shows, the script.
///
/// - Parameters:
///   - title: That of the browser's window.
///   - brand: What stands behind the program's name at the top.
///   - footer: The last line of the page.
///   - resources: Where style sheet and script lie; in the page itself where nothing is said.
///   - content: The header's lines in a `header`, and `main`.
func document(
    title: String, brand: String, footer: String, resources: (style: String, script: String)? = nil,
    @MarkupBuilder content: () -> [Markup]
) -> Markup {
    tag("html", ["lang": "en"]) {
        tag("head") {
            tag("meta", ["charset": "utf-8"])
            tag("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"])
            tag("meta", ["name": "color-scheme", "content": "light dark"])
            tag("title") { title }
            if let resources {
                tag("link", ["rel": "stylesheet", "href": resources.style])
                // A browser that finds no icon asks for one.
                tag("link", ["rel": "icon", "href": "data:,"])
            } else {
                tag("style") { Markup.verbatim(Theme.styleSheet) }
            }
        }
        tag("body") {
            tag("div", ["class": "top"]) {
                tag("div", ["class": "brand"]) {
                    if resources == nil { tag("b") { "Espalier" } } else { tag("a", ["href": "/"]) { "Espalier" } }
                    " · \(brand)"
                }
                themeSwitch
            }
            content()
            tag("footer") { footer }
            tag("div", ["id": "tip", "role": "status", "hidden": "hidden"])
            if let resources {
                tag("script", ["src": resources.script, "defer": "defer"])
            } else {
                // An XML parser must not take the script's < and & for markup.
                tag("script") { Markup.verbatim("//<![CDATA[\n\(Script.text)\n//]]>") }
            }
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

extension Markup {
    /// Of a whole document, the text of its file.
    var html: String { "<!DOCTYPE html>\n" + rendered + "\n" }
}
