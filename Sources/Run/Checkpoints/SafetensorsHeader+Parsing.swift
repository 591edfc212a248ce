import Storage

extension SafetensorsHeader {
    /// Checks and takes apart the header's bytes, without the length before them; errors name the file `path`.
    init(parsing bytes: [UInt8], path: String) throws(SafetensorsError) {
        guard bytes.first == UInt8(ascii: "{") else {
            throw .damaged(path, .header, "does not begin with '{'; is this a safetensors file?")
        }
        let members = try Self.members(bytes, path)
        var metadata = SafetensorsMetadata()
        var entries: [Entry] = []
        for member in members {
            if member.key == Self.metadataKey {
                metadata = try Self.metadata(member.value, path)
            } else {
                entries.append(try Self.entry(member, path))
            }
        }
        let checksum = try Self.takeChecksums(&metadata, header: bytes, path)
        try self.init(
            metadata: metadata, entries: Self.contiguous(entries, path), payloadChecksum: checksum)
    }

    private static func members(
        _ bytes: [UInt8], _ path: String
    ) throws(SafetensorsError) -> [JSONValue.Member] {
        do {
            guard case .object(let members) = try JSONValue(bytes) else { return [] }
            return members
        } catch {
            throw .damaged(path, .header, "\(error)")
        }
    }

    private static func metadata(
        _ value: JSONValue, _ path: String
    ) throws(SafetensorsError) -> SafetensorsMetadata {
        guard let members = value.members else {
            throw .damaged(path, .metadata, "is not an object")
        }
        var entries: [SafetensorsMetadata.Entry] = []
        for member in members {
            guard let text = member.value.string else {
                throw .damaged(
                    path, .metadata, "\(SafetensorsError.quoted(member.key)) is not a string")
            }
            entries.append(.init(key: member.key, value: text))
        }
        return SafetensorsMetadata(distinct: entries)
    }

    /// Verifies the header's checksum and takes both out of the metadata.
    /// - Returns: The checksum of the buffer, or nil in a file of another tool, which has neither.
    ///   One without the other means damage: a changed key must not switch the verification off.
    private static func takeChecksums(
        _ metadata: inout SafetensorsMetadata, header: [UInt8], _ path: String
    ) throws(SafetensorsError) -> UInt64? {
        let keys = SafetensorsChecksums.keys
        let present = keys.filter { metadata[$0] != nil }
        if present.isEmpty { return nil }
        guard SafetensorsChecksums.isSealed(header), present == keys,
            let payload = metadata[SafetensorsChecksums.payloadKey].flatMap(
                SafetensorsChecksums.value)
        else {
            throw SafetensorsError(
                path, .header, "does not match its checksum",
                remedy: "copy or write the file again; a tool that rewrites it must leave out "
                    + keys.joined(separator: " and "))
        }
        for key in keys { metadata[key] = nil }
        return payload
    }

    private static func entry(
        _ member: JSONValue.Member, _ path: String
    ) throws(SafetensorsError) -> Entry {
        let part = SafetensorsError.Part.tensor(member.key)
        guard let members = member.value.members,
            members.map(\.key).sorted() == ["data_offsets", "dtype", "shape"],
            let typeName = member.value["dtype"]?.string,
            let shape = naturals(member.value["shape"]),
            let offsets = naturals(member.value["data_offsets"]), offsets.count == 2
        else {
            throw .damaged(
                path, part, "needs dtype (a string), shape and data_offsets (whole numbers from 0)")
        }
        guard let type = SafetensorsType(rawValue: typeName) else {
            let known = SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")
            throw SafetensorsError(
                path, part,
                "has the type \(SafetensorsError.quoted(typeName)), not one of \(known)",
                remedy: "use a file of integer tensors; this toolkit reads no others")
        }
        guard offsets[0] <= offsets[1], type.byteCount(of: shape) == offsets[1] - offsets[0] else {
            throw .damaged(
                path, part, "its data_offsets do not span the bytes of its shape and type")
        }
        return Entry(
            name: member.key, type: type, shape: shape, range: offsets[0]..<offsets[1])
    }

    private static func naturals(_ value: JSONValue?) -> [Int]? {
        guard let values = value?.array else { return nil }
        let numbers = values.compactMap(\.integer)
        return numbers.count == values.count && numbers.allSatisfy { $0 >= 0 } ? numbers : nil
    }

    /// The entries in the order of the buffer, which they must fill without gaps or overlaps.
    private static func contiguous(
        _ entries: [Entry], _ path: String
    ) throws(SafetensorsError) -> [Entry] {
        // An empty tensor lies before the one that begins where it does.
        let ordered = entries.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var end = 0
        for entry in ordered {
            guard entry.range.lowerBound == end else {
                throw .damaged(
                    path, .tensor(entry.name),
                    "begins at byte \(entry.range.lowerBound) of the buffer, not at \(end) where the "
                        + "tensor before it ends")
            }
            end = entry.range.upperBound
        }
        return ordered
    }
}
