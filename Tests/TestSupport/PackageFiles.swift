import Storage

/// Finds files of the package that tests read, from where this file lies.
public enum PackageFiles {
    private static let root = Paths.parent(Paths.parent(Paths.parent(#filePath)))

    /// The path of a file or directory of the package, named from its top.
    public static func path(_ name: String) -> String { Paths.join(root, name) }

    /// The path of a file or directory below Tests/Fixtures.
    public static func fixture(_ name: String) -> String { path("Tests/Fixtures/\(name)") }

    /// The names of the files of vectors from the reference code of the paper's authors.
    public static let parityNames = ["1x128-init", "1x128-stress", "2x64-init", "2x64-stress"]

    /// The path of the file of that name in ``parityNames``.
    public static func parity(_ name: String) -> String { fixture("parity/\(name).safetensors") }
}
