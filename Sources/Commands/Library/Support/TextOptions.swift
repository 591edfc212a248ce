import ArgumentParser
import TokenShards

/// The flags of every command that reads texts.
struct TextOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How the bytes of a text stand for characters: auto and utf-8 take them as they are, and auto refuses "
                + "UTF-16 and UTF-32; utf-16 and utf-32 (which need a byte order mark), utf-16le, utf-16be, utf-32le and "
                + "utf-32be are converted to UTF-8; tokens-u16 is a file of 16-bit tokens that are bytes.",
            valueName: "name"))
    var encoding = TextEncoding.auto

    init() {}
}

extension TextEncoding: ExpressibleByArgument {}
