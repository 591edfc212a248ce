import FixedPoint
import Storage

/// The figures of a run over its steps, as `metrics.jsonl` has them.
///
/// A long run is thinned out: neighbours become one point with the mean of their figures, so that no more than
/// ``mostPoints`` remain. Memory: these points and a line of the log.
public struct RunCurve: Sendable {
    /// The most points of a curve.
    public static let mostPoints = 1024

    /// Some steps that follow each other.
    public struct Point: Equatable, Sendable {
        /// The last of the steps, and what the run had done and taken by then.
        public fileprivate(set) var progress: Progress
        fileprivate var steps: Int = 1
        /// The sums over the steps, of ``trainScale``, ``fractionScale`` and 1.
        fileprivate var train: Int128
        fileprivate var changed: Int128
        fileprivate var speed: Int128

        /// The mean bits per byte of the members on their training text, 4 decimals.
        public var trainBitsPerByte: String { mean(train, RunCurve.trainScale, decimals: 4) }
        /// The mean share of weights that a step changed, 6 decimals.
        public var changedFraction: String { mean(changed, RunCurve.fractionScale, decimals: 6) }
        /// The mean of the member tokens per second.
        public var memberTokensPerSecond: String { mean(speed, 1, decimals: 0) }

        private func mean(_ sum: Int128, _ scale: Int64, decimals: Int) -> String {
            DecimalText.format(Int64(sum / Int128(steps)), over: scale, decimals: decimals)
        }

        fileprivate mutating func merge(_ next: Point) {
            progress = next.progress
            steps += next.steps
            train += next.train
            changed += next.changed
            speed += next.speed
        }
    }

    /// How far the run was.
    public struct Progress: Equatable, Sendable {
        /// The steps done.
        public let step: Int
        /// The multiply-accumulates of all of them, as JSON writes the number.
        public let multiplyAccumulates: String
        /// The seconds that they took, likewise.
        public let seconds: String
    }

    /// A measurement of the noiseless model.
    public struct Measurement: Equatable, Sendable {
        /// How far the run was.
        public let progress: Progress
        /// The exact bits per byte, as JSON writes the number.
        public let bitsPerByte: String
        /// The same in 1/10000.
        let value: Int64
    }

    /// The steps, thinned out.
    public private(set) var points: [Point] = []
    /// The measurements, thinned out: of neighbours the later one remains.
    public private(set) var validations: [Measurement] = []
    /// The lowest of all measurements; nil before the first.
    public private(set) var best: Measurement?
    /// The number of lines that were damaged, and the first of them; nil where all were sound.
    public private(set) var damage: (lines: Int, first: Int)?

    fileprivate static let trainScale: Int64 = 10_000
    fileprivate static let fractionScale: Int64 = 1_000_000
    /// The most digits of a number that is passed on as it is written.
    private static let longestNumber = 40

    /// A curve without points.
    init() {}

    /// Reads a log.
    /// - Throws: `FileError` when it cannot be read.
    init(of path: String) throws(FileError) {
        var lines = try LogLines(path)
        var (stride, measured) = (1, Neighbours())
        while let line = try lines.next() {
            guard let (point, validation) = line.value.flatMap(Self.read),
                point.progress.step > points.last?.progress.step ?? 0
            else {
                damage = ((damage?.lines ?? 0) + 1, damage?.first ?? line.number)
                continue
            }
            add(point, &stride)
            if let validation { add(validation, &measured) }
        }
    }

    private mutating func add(_ point: Point, _ stride: inout Int) {
        if let last = points.last, last.steps < stride {
            points[points.count - 1].merge(point)
            return
        }
        if points.count == Self.mostPoints {
            for index in 0..<Self.mostPoints / 2 {
                points[index] = points[2 * index]
                points[index].merge(points[2 * index + 1])
            }
            points.removeLast(Self.mostPoints / 2)
            stride *= 2
        }
        points.append(point)
    }

    /// How many measurements stand for one, and how many are still to come of the last.
    private struct Neighbours {
        var count = 1
        var missing = 0
    }

    private mutating func add(_ validation: Measurement, _ neighbours: inout Neighbours) {
        if validation.value < best?.value ?? .max { best = validation }
        if neighbours.missing > 0 {
            validations[validations.count - 1] = validation
            neighbours.missing -= 1
            return
        }
        if validations.count == Self.mostPoints {
            validations = validations.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            neighbours.count *= 2
        }
        validations.append(validation)
        neighbours.missing = neighbours.count - 1
    }

    /// The figures of a line; nil where one of them is missing or no number.
    private static func read(_ line: JSONValue) -> (Point, Measurement?)? {
        func number(_ key: String) -> String? {
            guard case .number(let text) = line[key], text.count <= longestNumber else {
                return nil
            }
            return text
        }
        func value(_ key: String, _ scale: Int64) -> Int64? {
            number(key).flatMap { DecimalText.parse($0, scale: scale) }
        }
        guard let step = line["step"]?.integer, let train = value("trainBitsPerByte", trainScale),
            let changed = value("changedFraction", fractionScale),
            let speed = value("memberTokensPerSecond", 1),
            let work = number("multiplyAccumulates"), value("wallSeconds", 1) != nil,
            let seconds = number("wallSeconds")
        else { return nil }
        let progress = Progress(step: step, multiplyAccumulates: work, seconds: seconds)
        let point = Point(
            progress: progress, train: Int128(train), changed: Int128(changed),
            speed: Int128(speed))
        let key = "validationBitsPerByte"
        guard line[key] != nil else { return (point, nil) }
        guard let text = number(key), let bits = value(key, trainScale) else { return nil }
        return (point, Measurement(progress: progress, bitsPerByte: text, value: bits))
    }
}
