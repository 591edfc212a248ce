"""A short training run for the reliability scripts: its data, its arguments, and what it must end with."""
import os
import pathlib
import shutil
import subprocess
import tempfile

PACKAGE = pathlib.Path(__file__).resolve().parents[1]


class Failure(Exception):
    """A promise that did not hold."""


class ShortRun:
    """Shards of a fixed text in a directory of their own, and the model that an undisturbed run makes."""

    def __init__(self, build, settings, config="threshold"):
        self.config = PACKAGE / f"Tests/Fixtures/{config}.yaml"
        built = pathlib.Path(subprocess.run(
            ["swift", "build", "-c", build, "--show-bin-path"], cwd=PACKAGE, check=True,
            stdout=subprocess.PIPE, text=True).stdout.strip())
        names = ["pretrain", "tokenize", "replay"]
        missing = [name for name in names if not (built / name).exists()]
        if missing:
            raise Failure(f"{built / missing[0]} is not there; build it (swift build -c {build})")
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="egg-reliability-")).resolve()
        # Copies, so that a build meanwhile does not change what is tested.
        self.bin = self.directory / "bin"
        self.bin.mkdir()
        for name in names:
            shutil.copy2(built / name, self.bin / name)
        self.settings = settings
        self.shards = self.directory / "shards"
        subprocess.run(
            [self.bin / "tokenize", PACKAGE / "Tests/Fixtures/signature-text.txt",
             "--validation-fraction", "0.1", "--output", self.shards],
            check=True, stdout=subprocess.DEVNULL)

    def remove(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def arguments(self, output, *more):
        """The command line of the run, continuing the one that has begun in `output`."""
        settings = {"data.shards": self.shards, "data.storybookBytes": 0, **self.settings}
        words = [self.bin / "pretrain", "--config", self.config, "--threads", "1", "--quiet", "--output", output]
        if holds_run(output):
            words += ["--resume"]
        for key, value in settings.items():
            words += ["--set", f"{key}={value}"]
        return [str(word) for word in words] + list(more)

    def start(self, output, environment=None):
        variables = {**os.environ, "SWIFT_BACKTRACE": "enable=no", **(environment or {})}
        return subprocess.Popen(
            self.arguments(output), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=variables)

    def finish(self, output, environment=None):
        """Runs to the end; gives exit code and standard error."""
        process = self.start(output, environment)
        _, errors = process.communicate(timeout=120)
        return process.returncode, errors

    def expected(self):
        """The final model of an undisturbed run."""
        output = self.directory / "undisturbed"
        code, errors = self.finish(output)
        if code != 0 or errors:
            raise Failure(f"the undisturbed run ends with {code}: {errors}")
        return model(output)


def holds_run(output):
    """Whether a run has begun: a process that was killed before that leaves nothing to continue."""
    return (output / "config.yaml").exists() or (output / "journal.egg").exists()


def latest(output):
    """What `latest` stands for; where there are no symbolic links it is a text."""
    path = output / "latest"
    return os.readlink(path) if path.is_symlink() else path.read_text().strip()


def model(output):
    """The bytes of the newest checkpoint's model; None where there is none."""
    try:
        return (output / latest(output) / "model.safetensors").read_bytes()
    except FileNotFoundError:
        return None


def latest_step(output):
    """The step of the newest checkpoint, 0 without one."""
    try:
        return int(latest(output)[-8:])
    except FileNotFoundError:
        return 0


def journal_records(output):
    """The whole records of a run's journal, as bytes (see the page Journal format)."""
    try:
        data = (output / "journal.egg").read_bytes()
    except FileNotFoundError:
        return []
    records, place = [], 72
    while place + 16 <= len(data):
        size = int.from_bytes(data[place:place + 4], "little")
        if size < 24 or place + size > len(data):
            break
        records.append(data[place:place + size])
        place += size
    return records
