import CKernels
import IntegerTensor

/// What the functions of a timed table call. C functions carry no context, so it is global; it changes
/// only while no pool works.
nonisolated(unsafe) private let original = UnsafeMutablePointer<egg_kernel>.allocate(capacity: 1)
/// The inputs by which calls for learned feedback are known; 0 where there are none.
nonisolated(unsafe) private var feedbackInputs: Int32 = 0

/// A copy of a kernel's table whose functions add their time to ``ThreadTimes``: the code that trains
/// holds no measurement of its own.
enum TimedKernel {
    /// A copy of the table of the workload's kernel. It must outlive the kernel that is made of it; making another
    /// changes what it calls.
    static func table(of workload: StepWorkload) -> AlignedBuffer<egg_kernel> {
        original.initialize(to: workload.kernel.table.pointee)
        feedbackInputs = Int32(workload.feedbackInputs)
        var table = workload.kernel.table.pointee
        timeForward(&table)
        timeNoiseAndVotes(&table)
        timeContexts(&table)
        timeActivations(&table)
        timeCredit(&table)
        let buffer = AlignedBuffer<egg_kernel>(count: 1)
        buffer.pointer.pointee = table
        return buffer
    }

    private static func timeForward(_ table: inout egg_kernel) {
        table.product = { product, rows, scratch in
            let isOfFeedback = product?.pointee.inputs == feedbackInputs
            ThreadTimes.time(isOfFeedback ? .feedbackProduct : .product) {
                original.pointee.product(product, rows, scratch)
            }
        }
        table.normalize = { rows, width, x, gain, out in
            ThreadTimes.time(.normalize) { original.pointee.normalize(rows, width, x, gain, out) }
        }
        table.embed = { rows, width, embedding, tokens, stride, noise, out in
            ThreadTimes.time(.embed) {
                original.pointee.embed(rows, width, embedding, tokens, stride, noise, out)
            }
        }
        table.perturb_vector = { rows, width, values, noise, out in
            ThreadTimes.time(.perturbVector) {
                original.pointee.perturb_vector(rows, width, values, noise, out)
            }
        }
        table.gate = { rows, width, input, state, bias, table, old, f, gated in
            ThreadTimes.time(.gate) {
                original.pointee.gate(rows, width, input, state, bias, table, old, f, gated)
            }
        }
        table.update_state = { rows, width, input, state, bias, f, new, x in
            ThreadTimes.time(.updateState) {
                original.pointee.update_state(rows, width, input, state, bias, f, new, x)
            }
        }
        table.add = { rows, width, addend, x in
            ThreadTimes.time(.add) { original.pointee.add(rows, width, addend, x) }
        }
        table.rectify = { rows, width, x in
            ThreadTimes.time(.rectify) { original.pointee.rectify(rows, width, x) }
        }
        table.log_likelihood = { rows, vocabulary, logits, targets, stride, tables, scores in
            ThreadTimes.time(.logLikelihood) {
                original.pointee.log_likelihood(
                    rows, vocabulary, logits, targets, stride, tables, scores)
            }
        }
    }

    private static func timeNoiseAndVotes(_ table: inout egg_kernel) {
        table.noise = { key, first, count, out in
            ThreadTimes.time(.noise) { original.pointee.noise(key, first, count, out) }
        }
        table.votes = { pairs, rows, columns, a, b, fitness, shift, e, stride, scratch in
            // Errors of the head are rows of one value more than a matrix of as many columns reads.
            let isOfFeedback =
                columns == feedbackInputs - 1 && b.stride == paddedWidth(Int(feedbackInputs))
            ThreadTimes.time(isOfFeedback ? .feedbackVotes : .votes) {
                original.pointee.votes(
                    pairs, rows, columns, a, b, fitness, shift, e, stride, scratch)
            }
        }
        table.vector_votes = { pairs, width, a, b, fitness, shift, e in
            ThreadTimes.time(.vectorVotes) {
                original.pointee.vector_votes(pairs, width, a, b, fitness, shift, e)
            }
        }
        table.pack = { weights, outputs, inputs, packed in
            ThreadTimes.time(.pack) { original.pointee.pack(weights, outputs, inputs, packed) }
        }
    }

    private static func timeContexts(_ table: inout egg_kernel) {
        table.add_contexts = { rows, width, contexts, x in
            ThreadTimes.time(.addContexts) {
                original.pointee.add_contexts(rows, width, contexts, x)
            }
        }
        table.sum_row_noise = { rows, contexts, indices, noise, pair, sums in
            ThreadTimes.time(.sumRowNoise) {
                original.pointee.sum_row_noise(rows, contexts, indices, noise, pair, sums)
            }
        }
        table.row_noise = { count, indices, noise, pair, out in
            ThreadTimes.time(.rowNoise) {
                original.pointee.row_noise(count, indices, noise, pair, out)
            }
        }
    }

    private static func timeActivations(_ table: inout egg_kernel) {
        table.spread = { pairs, width, rows, out in
            ThreadTimes.time(.spread) { original.pointee.spread(pairs, width, rows, out) }
        }
        table.average = { pairs, width, rows, out in
            ThreadTimes.time(.average) { original.pointee.average(pairs, width, rows, out) }
        }
        table.scale_noise = { rows, width, deviation, noise in
            ThreadTimes.time(.scaleNoise) {
                original.pointee.scale_noise(rows, width, deviation, noise)
            }
        }
        table.perturb = { pairs, width, noise, x in
            ThreadTimes.time(.perturb) { original.pointee.perturb(pairs, width, noise, x) }
        }
        table.mask_noise = { pairs, width, x, noise in
            ThreadTimes.time(.maskNoise) { original.pointee.mask_noise(pairs, width, x, noise) }
        }
        table.gate_factors = { pairs, members, width, input, past, bias, f, state, open, distance in
            ThreadTimes.time(.gateFactors) {
                original.pointee.gate_factors(
                    pairs, members, width, input, past, bias, f, state, open, distance)
            }
        }
        table.softmax_error = { pairs, vocabulary, logits, targets, dither, out in
            ThreadTimes.time(.softmaxError) {
                original.pointee.softmax_error(pairs, vocabulary, logits, targets, dither, out)
            }
        }
    }

    private static func timeCredit(_ table: inout egg_kernel) {
        table.correlate = { rows, width, draws, fitness, noise, rowsPerDraw, scale, out in
            ThreadTimes.time(.correlate) {
                original.pointee.correlate(
                    rows, width, draws, fitness, noise, rowsPerDraw, scale, out)
            }
        }
        table.credit = { rows, width, correlation, multiplier, feedback, weight, out in
            // Only what teaches the feedback takes no predictions from it.
            let isOfFeedback = feedbackInputs > 0 && feedback.data == nil
            ThreadTimes.time(isOfFeedback ? .feedbackCredit : .credit) {
                original.pointee.credit(
                    rows, width, correlation, multiplier, feedback, weight, out)
            }
        }
        table.state_credit = { rows, width, step in
            ThreadTimes.time(.stateCredit) { original.pointee.state_credit(rows, width, step) }
        }
        table.add_rows = { rows, width, credits, tokens, sums in
            ThreadTimes.time(.addRows) {
                original.pointee.add_rows(rows, width, credits, tokens, sums)
            }
        }
        table.add_dots = { rows, width, a, b, sums in
            ThreadTimes.time(.addDots) { original.pointee.add_dots(rows, width, a, b, sums) }
        }
        table.mask_rows = { rows, width, x, out in
            ThreadTimes.time(.maskRows) { original.pointee.mask_rows(rows, width, x, out) }
        }
        table.add_scaled = { rows, width, addend, multiplier, delta, stride in
            ThreadTimes.time(.addScaled) {
                original.pointee.add_scaled(rows, width, addend, multiplier, delta, stride)
            }
        }
    }

    /// What timing one call costs, in 1/1000 ns: the part that the call's own time holds, and all of it.
    struct Overhead {
        let inside, total: Int

        private static let calls = 1000
        /// The fastest of many short turns counts, which other work on the machine does not touch.
        private static let turns = 20

        init() {
            let times = ThreadTimes(threads: 1)
            let measured = (0..<Self.turns).map { _ in
                times.reset()
                times.workBegins(0)
                for _ in 0..<Self.calls { ThreadTimes.time(.add) {} }
                times.workEnds(0)
                return (inside: times[.add].nanoseconds, total: times.busy.nanoseconds)
            }
            inside = (measured.map(\.inside).min() ?? 0) * 1000 / Self.calls
            total = (measured.map(\.total).min() ?? 0) * 1000 / Self.calls
        }
    }
}
