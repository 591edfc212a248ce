import Storage

extension ModelCheckpoint {
    /// The name of the link to the newest checkpoint in a run directory, or of the text file in its place where the
    /// file system has no links.
    public static let latestName = RunFiles.latest

    /// The model file that `path` stands for: a file itself, the `model.safetensors` of a checkpoint
    /// directory, or that of the newest checkpoint of a run directory.
    ///
    /// Worked example: `runs/a`, with a link `runs/a/latest` to `checkpoints/step-00000100`, gives
    /// `runs/a/latest/model.safetensors`.
    /// - Throws: ``SafetensorsError`` when nothing of the kind is there.
    public static func locate(_ path: String) throws(SafetensorsError) -> String {
        switch try kind(path) {
        case .file: return path
        case .directory: return try locate(inDirectory: path)
        case .other:
            throw SafetensorsError(
                path, .file, "is a pipe or a device", remedy: "name a checkpoint")
        case nil:
            throw SafetensorsError(
                path, .file, "is not there or may not be read",
                remedy: "name a run directory, a checkpoint directory or a .safetensors file")
        }
    }

    /// The directory that `latest` stands for: itself where it is a link.
    private static func newest(
        of directory: String, _ latest: String
    ) throws(SafetensorsError) -> String {
        try safetensorsErrors { () throws(FileError) in
            guard try Files.linkTarget(latest) == nil,
                let target = try RunFiles.pointer(latestName, in: directory).target
            else { return latest }
            return Paths.join(directory, target)
        }
    }

    private static func kind(_ path: String) throws(SafetensorsError) -> FileKind? {
        try safetensorsErrors { () throws(FileError) in try Files.kind(path) }
    }

    private static func locate(
        inDirectory directory: String
    ) throws(SafetensorsError) -> String {
        let model = Paths.join(directory, fileName)
        if try kind(model) == .file { return model }
        let latest = Paths.join(directory, latestName)
        let newest = Paths.join(try newest(of: directory, latest), fileName)
        if try kind(newest) == .file { return newest }
        let link = try safetensorsErrors { () throws(FileError) in try Files.linkTarget(latest) }
        let named = try kind(latest)
        if link != nil || named != nil {
            throw SafetensorsError(
                latest, .file, "leads to no checkpoint",
                remedy: "name one of the directories in \(Paths.join(directory, "checkpoints"))")
        }
        throw SafetensorsError(
            directory, .file, "holds neither \(fileName) nor a link '\(latestName)'",
            remedy: "name a run directory, a checkpoint directory or a .safetensors file")
    }
}
