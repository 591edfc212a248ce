import CKernels

/// The processors that this process may use: by its affinity (as `taskset` sets it) and by the processor time that its
/// control groups allow.
enum ProcessorLimit {
    /// The number of processors, at least 1.
    static func count(_ files: SystemFiles = SystemFiles()) -> Int {
        let allowed = max(1, Int(egg_processor_count()))
        return min(allowed, quota(files) ?? allowed)
    }

    /// The least processor time of the groups, in whole processors, rounded up; nil without a limit.
    static func quota(_ files: SystemFiles) -> Int? {
        ControlGroups(files).groups(.cpu).compactMap { group in
            let words =
                switch group.version {
                case .two: files.words(group.directory + "/cpu.max")
                case .one:
                    files.words(group.directory + "/cpu.cfs_quota_us")
                        + files.words(group.directory + "/cpu.cfs_period_us")
                }
            // The words are microseconds in a period; `max` or -1 stands in a group without a limit.
            guard words.count == 2, let quota = Int(words[0]), let period = Int(words[1]),
                quota > 0, period > 0
            else { return nil }
            return quota / period + (quota.isMultiple(of: period) ? 0 : 1)
        }.min()
    }
}
