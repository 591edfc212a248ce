import Storage

/// The control groups (cgroups) that this process belongs to: its own and those above it, as far as it can see them.
///
/// A batch system or a container puts a process into a group to limit its memory and processors. There are two versions
/// of the files, and a system may have both.
struct ControlGroups {
    enum Controller: String { case memory, cpu }
    enum Version { case one, two }

    /// A group, by the directory of its files.
    struct Group: Equatable {
        let version: Version
        let directory: String
    }

    /// A place where a hierarchy of groups is mounted, with the group that is to be seen there: in a container that is
    /// often the process's own.
    private struct Mount {
        let version: Version
        /// What the groups here limit, in version 1; in version 2 every mount has all controllers.
        let controllers: [String]
        let root: String
        let point: String

        func has(_ controller: Controller) -> Bool {
            version == .two || controllers.contains(controller.rawValue)
        }
    }

    private let files: SystemFiles
    private let mounts: [Mount]
    /// The lines `NUMBER:CONTROLLERS:PATH` of the process, taken apart; the line of version 2 names no controller.
    private let memberships: [(controllers: [String], path: String)]

    init(_ files: SystemFiles) {
        self.files = files
        let found = files.lines("/proc/self/mountinfo").compactMap(Self.mount)
        mounts = found.isEmpty ? Self.usualMounts : found
        memberships = files.lines("/proc/self/cgroup").compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return nil }
            return (parts[1].split(separator: ",").map(String.init), String(parts[2]))
        }
    }

    /// The mounts that are assumed where the system does not tell of them.
    private static let usualMounts = [
        Mount(version: .two, controllers: [], root: "/", point: "/sys/fs/cgroup"),
        Mount(version: .one, controllers: ["memory"], root: "/", point: "/sys/fs/cgroup/memory"),
        Mount(version: .one, controllers: ["cpu"], root: "/", point: "/sys/fs/cgroup/cpu"),
    ]

    /// Reads a line such as `31 23 0:28 /group /sys/fs/cgroup rw - cgroup2 cgroup rw`: root and mount point are fields
    /// 4 and 5, and the type and options of the file system follow a `-`.
    private static func mount(_ line: Substring) -> Mount? {
        let fields = line.split(separator: " ")
        guard let dash = fields.firstIndex(of: "-"), dash >= 5, fields.count > dash + 3 else {
            return nil
        }
        let version: Version
        switch fields[dash + 1] {
        case "cgroup2": version = .two
        case "cgroup": version = .one
        default: return nil
        }
        return Mount(
            version: version,
            controllers: fields[dash + 3].split(separator: ",").map(String.init),
            root: unescaped(fields[3]), point: unescaped(fields[4]))
    }

    /// Replaces octal escapes: spaces and the like in a path are written as `\040`, three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The groups that limit what a controller counts: the process's own and all above it.
    func groups(_ controller: Controller) -> [Group] {
        mounts.filter { $0.has(controller) }.flatMap { mount in
            directories(in: mount, controller).map { Group(version: mount.version, directory: $0) }
        }
    }

    private func directories(in mount: Mount, _ controller: Controller) -> [String] {
        let membership = memberships.first { membership in
            mount.version == .two
                ? membership.controllers.isEmpty
                : membership.controllers.contains(controller.rawValue)
        }
        guard let membership else { return [] }
        var directories: [String] = []
        var path = Self.path(membership.path, below: mount.root)
        // A container is not shown all of its path: the group is then the mount itself.
        if !files.isDirectory(mount.point + path) { path = "" }
        while let slash = path.lastIndex(of: "/") {
            directories.append(mount.point + path)
            path = String(path[..<slash])
        }
        return directories + [mount.point]
    }

    /// The path of a group from the root of a mount on, empty for the root itself and for a group that is not below it.
    private static func path(_ path: String, below root: String) -> String {
        let prefix = root == "/" ? "" : root
        guard path.hasPrefix(prefix + "/"), !path.split(separator: "/").contains("..") else {
            return ""
        }
        return path == "/" ? "" : String(path.dropFirst(prefix.count))
    }
}
