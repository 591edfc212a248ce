import Storage

/// Names of paths that are shown side by side.
enum ShortNames {
    /// The last words of the paths where these differ, else the paths.
    static func of(_ paths: [String]) -> [String] {
        let names = paths.map { Paths.name(Paths.withoutTrailingSlashes($0)) }
        return Set(names).count == names.count ? names : paths
    }
}
