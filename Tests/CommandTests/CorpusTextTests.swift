import Storage
import TestSupport
import Testing

private let python = ["/usr/bin/env", "python3"]

private let hasPython: Bool = {
    let words = (python + ["-c", "pass"]).map { Array($0.utf8) }
    return (try? CommandRun(words, in: Workspace()).wait().code) == 0
}()

/// `Scripts/corpus-text`, with a library of the tests' own in the place of pyarrow: a table is Python that names its columns.
@Suite(.enabled(if: hasPython)) struct CorpusTextTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try workspace.write("modules/pyarrow/__init__.py", "")
        try workspace.write(
            "modules/pyarrow/parquet.py",
            """
            from ast import literal_eval
            class Table:
                def __init__(self, values): self.values = values
                def column(self, number): return self
                def to_pylist(self): return self.values
            class ParquetFile:
                def __init__(self, path):
                    self.columns = literal_eval(open(path).read())
                    self.schema_arrow = self
                    self.names = list(self.columns)
                def __enter__(self): return self
                def __exit__(self, *error): pass
                def iter_batches(self, batch_size, columns):
                    for value in self.columns[columns[0]]: yield Table([value])
            """)
        try workspace.write("tables/b.parquet", "{'text': ['one', None, 'zwö'], 'id': [1, 2, 3]}")
        try workspace.write("tables/a/a.parquet", "{'text': ['first', '']}")
        try workspace.write("tables/notes.txt", "no table")
    }

    private func run(_ arguments: [String]) throws -> CommandResult {
        let words = python + [PackageFiles.path("Scripts/corpus-text")] + arguments
        return try CommandRun(
            words.map { Array($0.utf8) }, in: workspace,
            environment: ["PYTHONPATH": workspace["modules"]]
        ).wait()
    }

    @Test func textsOfADirectoryAreDocuments() throws {
        let result = try run(["tables"])
        #expect(result.code == 0)
        #expect(result.text == "first\0\0one\0zwö\0")
        #expect(result.errors == "4 texts, 1 rows without one\n")
    }

    @Test(arguments: [
        (["--column", "x", "tables"], "tables/a/a.parquet: has no column 'x'; pass --column"),
        (["--column", "id", "tables/b.parquet"], "b.parquet: column 'id' holds int, not text; "),
        (["none.parquet"], "none.parquet: cannot be read"),
        (["tables/notes.txt"], "tables/notes.txt: cannot be read"),
        (["modules"], "modules: holds no .parquet files; name"),
    ])
    func whatItCannotReadIsAnError(_ arguments: [String], _ message: String) throws {
        let result = try run(arguments)
        #expect(result.code == 1)
        #expect(result.errors.hasPrefix("error: ") && result.errors.contains(message))
    }

    @Test func withoutALibraryItSaysWhatToInstall() throws {
        for name in ["pyarrow/__init__.py", "duckdb.py"] {
            try workspace.write("modules/\(name)", "raise ImportError('not here')")
        }
        let result = try run(["tables"])
        expectError(result, code: 1, ["corpus-text: needs pyarrow or duckdb", "install one"])
    }
}
