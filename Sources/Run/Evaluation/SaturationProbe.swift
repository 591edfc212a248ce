import IntegerTensor
import RecurrentLM
import TokenShards

/// How many of an activation's values were at the bounds of their type.
public struct ActivationSaturation: Equatable, Sendable {
    /// The place in the forward pass, such as `layers.0.state`.
    public let name: String
    /// The number of values of ±127.
    public fileprivate(set) var saturated: Int
    /// The number of all values that were seen.
    public fileprivate(set) var values: Int
}

/// Counts saturated activations while the noiseless model reads a text.
public final class SaturationProbe {
    /// The most streams that are read: enough to tell a thousandth from none.
    private static let mostStreams = 64

    private let rows: Int
    private var counts: [ActivationSaturation] = []
    private var places: [String: Int] = [:]

    private init(rows: Int) { self.rows = rows }

    /// Reads the first streams of `segment` from state 0.
    ///
    /// The result does not depend on the kernel.
    /// - Returns: A count for each activation, in the order of the forward pass.
    public static func measure(_ model: PreparedModel, on segment: Segment)
        -> [ActivationSaturation]
    {
        let rows = min(mostStreams, segment.streams)
        let probe = SaturationProbe(rows: rows)
        let forward = BlockForward(model: model, capacity: rows)
        forward.probe = probe
        forward.begin(
            rows: rows, states: HiddenStates(rows: rows, config: model.config), firstState: 0)
        segment.tokens.withUnsafeBufferPointer { tokens in
            guard let first = tokens.baseAddress else { return }
            for time in 0..<segment.length {
                forward.step(first + time, stride: segment.length + 1)
            }
        }
        return probe.counts
    }

    private func count(_ name: String, _ activations: Int8Rows) {
        var saturated = 0
        for row in 0..<rows {
            let values = activations.row(row)
            for i in 0..<activations.width where values[i] == 127 || values[i] == -127 {
                saturated += 1
            }
        }
        let place = places[name] ?? counts.count
        if place == counts.count {
            places[name] = place
            counts.append(ActivationSaturation(name: name, saturated: 0, values: 0))
        }
        counts[place].saturated += saturated
        counts[place].values += rows * activations.width
    }
}

extension SaturationProbe: ForwardProbe {
    /// Counts the values of a site.
    public func reached(_ site: ActivationSite, _ rows: Int8Rows) {
        count(site.name, rows)
    }

    /// Counts what the normalizations give; the other inputs are sites or follow from them.
    public func willRead(_ input: MatrixInput, _ rows: Int8Rows) {
        switch input {
        case .layer(let layer): count("layers.\(layer).ln1", rows)
        case .mlp(let layer): count("layers.\(layer).ln2", rows)
        case .head: count("lnOut", rows)
        case .gated, .inner: break
        }
    }

    /// Does nothing: the parts of a gate follow from sites and inputs.
    public func willMove(_ gate: GateParts) {}
}
