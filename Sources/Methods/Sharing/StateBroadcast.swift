import Processes

extension ProcessGroup {
    /// The state of an estimator that rank 0 has whole, in every process. Collective.
    /// - Parameter state: what ``Estimator/state`` gave this process.
    public func broadcast(
        _ state: [(name: String, values: StateValues)]
    ) -> [String: StateValues] {
        let all = state.map { part in
            switch part.values {
            case .int8(let values): (part.name, StateValues.int8(broadcast(values)))
            case .int32(let values): (part.name, StateValues.int32(broadcast(values)))
            }
        }
        return Dictionary(uniqueKeysWithValues: all)
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
