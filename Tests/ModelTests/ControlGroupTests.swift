import TestSupport
import Testing

@testable import IntegerTensor

/// What control groups say of memory and processors, from files as Linux has them.
@Suite struct ControlGroupTests {
    private let directory: TemporaryDirectory
    private var files: SystemFiles { SystemFiles(root: directory.path) }

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ files: [String: String]) throws {
        for (name, text) in files { try directory.write(name, text) }
    }

    private func mountinfo(_ lines: String...) throws {
        try write(["proc/self/mountinfo": lines.joined(separator: "\n") + "\n"])
    }

    private static let version2 =
        "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate"

    private func limits() -> [String: Int] {
        var limits: [String: Int] = [:]
        for limit in MemoryLimit.controlGroups(files) {
            if case .controlGroup(let file) = limit.source { limits[file] = limit.bytes }
        }
        return limits
    }

    @Test func nothingIsLimitedWhereNothingIsKnown() {
        #expect(MemoryLimit.controlGroups(files).isEmpty)
        #expect(ProcessorLimit.quota(files) == nil)
        #expect(ProcessorLimit.count(files) >= 1)
    }

    /// The group itself, one above it, and one between without a limit.
    @Test func everyGroupAboveCounts() throws {
        try mountinfo(Self.version2)
        try write([
            "proc/self/cgroup": "0::/batch/job 7/step\n",
            "sys/fs/cgroup/batch/memory.max": "8000000000\n",
            "sys/fs/cgroup/batch/cpu.max": "150000 100000\n",
            "sys/fs/cgroup/batch/job 7/memory.max": "max\n",
            "sys/fs/cgroup/batch/job 7/cpu.max": "max 100000\n",
            "sys/fs/cgroup/batch/job 7/step/memory.max": "5000000000\n",
            "sys/fs/cgroup/batch/job 7/step/cpu.max": "400000 100000\n",
        ])
        #expect(
            limits() == [
                "/sys/fs/cgroup/batch/memory.max": 8_000_000_000,
                "/sys/fs/cgroup/batch/job 7/step/memory.max": 5_000_000_000,
            ])
        #expect(ProcessorLimit.quota(files) == 2)
    }

    @Test func version1HasAHierarchyForEachController() throws {
        try mountinfo(
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
            "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
            "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw")
        try write([
            "proc/self/cgroup": "4:memory:/a/b\n3:cpu,cpuacct:/c\n0::/\n",
            "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "3000000\n",
            "sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_quota_us": "25000\n",
            "sys/fs/cgroup/cpu,cpuacct/c/cpu.cfs_period_us": "50000\n",
        ])
        #expect(limits()["/sys/fs/cgroup/memory/a/memory.limit_in_bytes"] == 3_000_000)
        #expect(limits().count == 2)
        #expect(ProcessorLimit.quota(files) == 1)
    }

    /// The path as the host says it, while the mount shows the container's own group as its root.
    @Test(arguments: ["/docker/4f", "/", "/machine/of/another/name"])
    func inAContainerTheMountIsTheGroup(_ root: String) throws {
        try mountinfo("31 23 0:28 \(root) /sys/fs/cgroup ro - cgroup2 cgroup rw")
        try write([
            "proc/self/cgroup": "0::/docker/4f\n", "sys/fs/cgroup/memory.max": "2000000000\n",
            "sys/fs/cgroup/cpu.max": "350000 100000\n",
        ])
        #expect(limits() == ["/sys/fs/cgroup/memory.max": 2_000_000_000])
        #expect(ProcessorLimit.quota(files) == 4)
    }

    /// From inside a namespace of groups what is outside looks like this.
    @Test func aPathUpwardsIsTheMount() throws {
        try mountinfo(Self.version2)
        try write([
            "proc/self/cgroup": "0::/../../other\n", "sys/fs/cgroup/memory.max": "2000000000\n",
        ])
        #expect(limits() == ["/sys/fs/cgroup/memory.max": 2_000_000_000])
    }

    @Test func aMountPointMayHaveSpaces() throws {
        try mountinfo("31 23 0:28 /x\\040y /my\\040groups rw - cgroup2 cgroup rw")
        try write([
            "proc/self/cgroup": "0::/x y/z\n", "my groups/z/memory.max": "2000000000\n",
        ])
        #expect(limits() == ["/my groups/z/memory.max": 2_000_000_000])
    }

    @Test func withoutAListOfMountsTheUsualOnesAreTried() throws {
        try write([
            "proc/self/cgroup": "4:memory:/a\n3:cpu:/\n",
            "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "3000000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "250000\n",
            "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
        ])
        #expect(limits() == ["/sys/fs/cgroup/memory/a/memory.limit_in_bytes": 3_000_000])
        #expect(ProcessorLimit.quota(files) == 3)
    }

    @Test(arguments: ["", "max", "100000", "0 100000", "100000 0", "x y", "-5 100000", "1 2 3"])
    func aQuotaThatIsNoneLimitsNothing(_ text: String) throws {
        try mountinfo(Self.version2)
        try write(["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": text + "\n"])
        #expect(ProcessorLimit.quota(files) == nil)
    }

    /// Of the machine that runs the tests: whatever it says, there is some.
    @Test func theRealLimitsLeaveRoom() {
        #expect(MemoryLimit.all().allSatisfy { $0.bytes > 1 << 20 })
        #expect(WorkerPool.processorCount >= 1)
    }
}
