import CLibrary
import IntegerTensor

/// What a process sets up before it does anything.
enum ProcessPreparation {
    /// Opens the standard descriptors that are missing, before anything else is opened.
    ///
    /// Lets writes fail with an error, which is told, where a signal would end the process without a word: beyond the
    /// limit of file sizes (SIGXFSZ), and into a pipe whose reader is gone (SIGPIPE), be it only that of the progress.
    static func run() {
        StandardDescriptors.openMissing()
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        MemoryDemand.saveAddressSpace()
    }
}
