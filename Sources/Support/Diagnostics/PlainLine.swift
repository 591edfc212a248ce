extension String {
    /// The text as one line that shows all that is in it: characters that do something to a terminal or to the text
    /// around them, and those that cannot be seen, are escaped.
    public var asPlainLine: String {
        unicodeScalars.reduce(into: "") { line, scalar in
            line += scalar.isUnseen ? scalar.escaped(asASCII: true) : String(scalar)
        }
    }
}

extension Unicode.Scalar {
    /// Whether the character does something to a terminal or to the text around it: control characters, those that
    /// change the order in which text is read (the bidirectional controls), and the separators of lines and paragraphs.
    ///
    /// Joiners, soft hyphens and variation selectors are none of them: ordinary text needs these.
    package var controlsText: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: properties.isBidiControl
        }
    }

    /// Whether the character leaves no mark of its own, so that two names which differ by it alone look the same.
    fileprivate var isUnseen: Bool {
        controlsText || properties.generalCategory == .format
            || properties.isDefaultIgnorableCodePoint
    }
}
