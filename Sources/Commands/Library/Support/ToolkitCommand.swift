/// The commands of the toolkit, by the names of their executables, in the order in which they are of use.
public enum ToolkitCommand: String, CaseIterable, Sendable {
    /// Turns texts into token shards.
    case tokenize
    /// Trains a model.
    case pretrain
    /// Writes text with a model.
    case sample
    /// Measures how well a model predicts a text.
    case evaluate
    /// Shows runs in a page for a browser.
    case report
    /// Rebuilds the weights of a step from a run's journal.
    case replay
    /// Writes stories to train on.
    case storybook
    /// Checks the kernels and measures the speed of training.
    case kernelBench = "kernel-bench"

    /// Runs the command with the arguments of this process, and ends the process.
    public func start() -> Never { CommandProcess.run(type, name: rawValue) }

    /// The command's flags and its work.
    var type: any ToolCommand.Type {
        switch self {
        case .tokenize: TokenizeCommand.self
        case .pretrain: PretrainCommand.self
        case .sample: SampleCommand.self
        case .evaluate: EvaluateCommand.self
        case .report: ReportCommand.self
        case .replay: ReplayCommand.self
        case .storybook: StorybookCommand.self
        case .kernelBench: KernelBenchCommand.self
        }
    }
}
