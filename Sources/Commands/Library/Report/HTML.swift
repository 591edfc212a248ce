import Diagnostics

/// A part of a page. Texts are escaped when they become a part, so that no name and no sample can add markup.
struct HTML: Sendable {
    /// The part as it stands in the file.
    let source: String

    private init(source: String) { self.source = source }

    /// A text; characters that do something to the text around them are shown escaped.
    init(_ text: String) {
        self.init(lines: text.asPlainLine)
    }

    /// A text whose line feeds stay.
    init(lines text: String) {
        source = Self.escaped(text)
    }

    /// Parts one after the other.
    init(_ parts: [HTML]) {
        self.init(source: parts.map(\.source).joined(separator: "\n"))
    }

    /// Markup of the program itself.
    init(markup: StaticString) { self.init(source: "\(markup)") }

    /// A style sheet of the program itself.
    static func style(_ text: String) -> HTML { HTML(source: "<style>\n\(text)\n</style>") }

    /// A script of the program itself.
    static func script(_ text: String) -> HTML { HTML(source: "<script>\n\(text)</script>") }

    /// Figures that a script reads; `json` is JSON text. Within it `<` occurs in texts only, where it may be escaped,
    /// so that nothing in it can end the element.
    static func figures(_ json: String, id: StaticString) -> HTML {
        let safe = json.split(separator: "<", omittingEmptySubsequences: false)
            .joined(separator: "\\u003c")
        return HTML(source: "<script type=\"application/json\" id=\"\(id)\">\(safe)</script>")
    }

    /// An element.
    static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ parts: HTML...
    ) -> HTML {
        let opening = attributes.reduce("<\(name)") { $0 + " \($1.key)=\"\(escaped($1.value))\"" }
        return HTML(source: opening + ">" + parts.map(\.source).joined() + "</\(name)>")
    }

    /// An element that holds a text.
    static func element(
        _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:],
        text: String
    ) -> HTML {
        element(name, attributes, HTML(text))
    }

    /// A table with a row of headings, unless there are none; where `numbers` says so, a column is flush right.
    static func table(_ headings: [String], numbers: Set<Int> = [], _ rows: [Row]) -> HTML {
        func cells(_ name: StaticString, _ texts: [String]) -> HTML {
            HTML(
                texts.enumerated().map { column, text in
                    numbers.contains(column)
                        ? element(name, ["class": "number"], text: text)
                        : element(name, text: text)
                })
        }
        let body = rows.map { row in
            element("tr", row.isMarked ? ["class": "differs"] : [:], cells("td", row.cells))
        }
        let head =
            headings.isEmpty
            ? HTML([]) : element("thead", [:], element("tr", [:], cells("th", headings)))
        return element(
            "div", ["class": "wide"],
            element("table", [:], head, element("tbody", [:], HTML(body))))
    }

    /// A row of a table.
    struct Row {
        let cells: [String]
        var isMarked = false
    }

    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
