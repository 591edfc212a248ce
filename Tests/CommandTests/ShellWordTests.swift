import Diagnostics
import Testing

/// Paths in the commands that are printed for pasting.
@Suite struct ShellWordTests {
    @Test(
        arguments: [
            ("runs/stories-2_x.y", "runs/stories-2_x.y"),
            ("data.shards=a:b,c@d%e+f", "data.shards=a:b,c@d%e+f"),
            ("", "''"), ("my texts", "'my texts'"), ("it's", #"'it'\''s'"#), ("'", #"''\'''"#),
            ("$HOME", "'$HOME'"), ("a;b", "'a;b'"), ("~", "'~'"), ("a\nb", "'a\nb'"), ("é", "'é'"),
            ("x#y", "'x#y'"), ("e\u{0301}'\u{0301}", "'e\u{0301}'\\''\u{0301}'"),
        ])
    func aWordIsQuotedWhereItMustBe(_ text: String, _ expected: String) {
        #expect(text.asShellWord.utf8.elementsEqual(expected.utf8))
    }

    /// The shell itself gives back the text.
    @Test func theShellReadsTheSameText() throws {
        let workspace = try Workspace()
        let texts = ["", "it's a 'text'", "$(x) `y` \\ \"z\" !", "*?[a]", "~/a", "-n", "a&b|c>d<e"]
        for text in texts {
            let script = "printf %s " + text.asShellWord
            let words = ["/bin/sh", "-c", script].map { Array($0.utf8) }
            #expect(try CommandRun(words, in: workspace).wait().text == text)
        }
    }
}
