import IntegerTensor

extension ModelConfig {
    /// The rows of the hidden size that a row of a ``BlockForward`` needs: six activations, and two of a kernel's
    /// scratch.
    private static let activations = 8
    /// The rows of the MLP's width that it needs: the inner activations, and two of a kernel's scratch.
    private static let inner = 3

    /// The most bytes that a ``BlockForward`` takes for each of its rows, without noise: the activations, and the gains
    /// and biases that noise changes.
    public var bytesPerBlockRow: Int {
        let vectors = ParameterLayout(self).tensors.count(where: \.kind.isVector)
        return (vectors + Self.activations) * paddedWidth(hidden)
            + Self.inner * paddedWidth(mlpWidth) + paddedWidth(vocabulary)
            + 2 * contexts.count * MemoryLayout<UInt32>.stride + MemoryLayout<Int16>.stride
            + MemoryLayout<ContextHistory>.stride
    }
}
