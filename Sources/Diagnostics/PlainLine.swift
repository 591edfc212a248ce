extension String {
    /// The text as one line that does nothing to a terminal: control characters are escaped.
    public var asPlainLine: String {
        unicodeScalars.reduce(into: "") { line, scalar in
            let isControl = scalar.properties.generalCategory == .control
            line += isControl ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}
