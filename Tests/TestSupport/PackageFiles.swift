import Storage

/// Files of the package that tests read, found from where this file lies.
public enum PackageFiles {
    private static let root = Paths.parent(Paths.parent(Paths.parent(#filePath)))

    /// Where a file or directory of the package is, named from its top.
    public static func path(_ name: String) -> String { Paths.join(root, name) }

    /// Where a file or directory below Tests/Fixtures is.
    public static func fixture(_ name: String) -> String { path("Tests/Fixtures/\(name)") }

    /// Names of the files of vectors from the reference code of the paper's authors.
    public static let parityNames = ["1x128-init", "1x128-stress", "2x64-init", "2x64-stress"]

    /// Where the file of that name in ``parityNames`` is.
    public static func parity(_ name: String) -> String { fixture("parity/\(name).safetensors") }
}
