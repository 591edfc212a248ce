// The fuzzer of Scripts/fuzz: libFuzzer calls this with its inputs. EGG_FUZZ_TARGET names the reader, TMPDIR a
// directory in memory.
import Diagnostics
import Glibc
import Storage

private let target: FuzzTarget = {
    let name = getenv("EGG_FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        print("EGG_FUZZ_TARGET: '\(name)' is none of \(FuzzTarget.allCases.map(\.rawValue))")
        exit(64)
    }
    return target
}()

private let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "."

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    do {
        try target.read(input, in: directory)
    } catch let error as any UserError where !error.finding.isEmpty && !error.remedy.isEmpty {
        return 0
    } catch {
        print("finding: \(type(of: error)): \(error)")
        abort()
    }
    return 0
}
