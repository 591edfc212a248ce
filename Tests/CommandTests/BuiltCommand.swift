import CLibrary

/// The commands of the package, as the build leaves them beside the test bundle.
enum BuiltCommand: String, CaseIterable, Sendable {
    case pretrain, tokenize, sample, evaluate, report, storybook, replay
    case kernelBench = "kernel-bench"
    /// All of the others in one.
    case egg

    /// The programs that are one command each.
    static let single = allCases.filter { $0 != .egg }

    /// Flags without which the command does nothing; what they name need not be there.
    var neededFlags: [String] {
        switch self {
        case .pretrain: ["--config", "run.yaml"]
        case .tokenize: ["text.txt", "--output", "out"]
        case .sample: ["--checkpoint", "run"]
        case .evaluate: ["--checkpoint", "run", "--input", "text.txt"]
        case .report: ["run", "--output", "report.html"]
        case .storybook: ["--stories", "1"]
        case .replay: ["--run", "run", "--verify"]
        case .kernelBench, .egg: []
        }
    }

    /// The binary's path; the test fails where the build did not make it.
    var path: String {
        get throws {
            guard let directory = Self.directory else { throw NotBuilt(name: rawValue) }
            return directory + "/" + rawValue
        }
    }

    struct NotBuilt: Error { let name: String }

    /// The nearest directory above the test's own binary that holds all commands.
    private static let directory: String? = {
        var path = ownBinary
        while let slash = path.lastIndex(of: "/") {
            path = String(path[..<slash])
            if allCases.allSatisfy({ access(path + "/" + $0.rawValue, X_OK) == 0 }) { return path }
        }
        return nil
    }()

    /// The binary, or on Darwin the bundle's binary, that holds this code.
    private static var ownBinary: String {
        #if os(Linux)
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = readlink("/proc/self/exe", &buffer, buffer.count)
            return String(decoding: buffer.prefix(max(0, count)).map(UInt8.init), as: UTF8.self)
        #else
            var information = Dl_info()
            guard dladdr(#dsohandle, &information) != 0, let name = information.dli_fname else {
                return ""
            }
            return String(cString: name)
        #endif
    }
}
