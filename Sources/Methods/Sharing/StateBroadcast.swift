import Processes

extension ProcessGroup {
    /// Gives every process the state of an estimator that rank 0 has whole. Collective.
    /// - Parameter state: What ``Estimator/state`` gave this process.
    public func broadcast(
        _ state: EstimatorState
    ) -> EstimatorState {
        var whole: EstimatorState = [:]
        // The order must be the same in all processes.
        for (name, part) in state.sorted(by: { $0.key < $1.key }) {
            switch part {
            case .int8(let values): whole[name] = .int8(broadcast(values))
            case .int32(let values): whole[name] = .int32(broadcast(values))
            }
        }
        return whole
    }

    private func broadcast<Value: FixedWidthInteger>(_ values: [Value]) -> [Value] {
        let count = Int(allGather(UInt64(values.count))[0])
        let bytes =
            isFirst
            ? values.withUnsafeBytes { [UInt8]($0) }
            : [UInt8](repeating: 0, count: count * MemoryLayout<Value>.size)
        return broadcast(bytes)[...].integers(Value.self)
    }
}
