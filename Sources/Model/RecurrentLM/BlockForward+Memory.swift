import IntegerTensor

extension ModelConfig {
    /// Rows of the hidden size that a row of a ``BlockForward`` has: six activations, and two of a kernel's scratch.
    private static let activations = 8
    /// Those of the MLP's width: the inner activations, and two of a kernel's scratch.
    private static let inner = 3

    /// The bytes that a ``BlockForward`` takes for each of its rows at the most, without noise: the activations, and the gains
    /// and biases that noise changes.
    public var bytesPerBlockRow: Int {
        let vectors = ParameterLayout(self).tensors.count(where: \.kind.isVector)
        return (vectors + Self.activations) * paddedWidth(hidden)
            + Self.inner * paddedWidth(mlpWidth) + paddedWidth(vocabulary)
    }
}
