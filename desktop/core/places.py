"""Where everything lies on this machine. Creates folders when asked; reads and writes no file."""

import hashlib
import logging
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from desktop.core.encryption.keyring import Keyring
from desktop.core.errors import DataUnwritable

NAME = "sobremesa"
DATA_VARIABLE = "SOBREMESA_DATA"
MODELS_VARIABLE = "SOBREMESA_MODELS"

# sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero included
SOCKET_PATH_BYTES = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Places:
    """The data folder with what is in it, and the user's models folder, which all data folders share."""

    data: Path
    models: Path
    program: Path | None = None  # the folder of an installed program, which may bring models and runtimes
    # what opens the databases in the data folder, from when the person has given the passphrase
    keyring: Keyring = field(default_factory=Keyring, compare=False, repr=False)

    @classmethod
    def of(cls, data_dir: Path | None = None, models_dir: Path | None = None) -> "Places":
        """The given folders; without them the environment's, without those the platform's."""
        default = platformdirs.user_data_path(NAME, appauthor=False)
        data = data_dir or _from_environment(DATA_VARIABLE) or default
        models = models_dir or _from_environment(MODELS_VARIABLE) or default / "models"
        # absolute: workers and the program behind the socket have other working directories
        return cls(data.expanduser().absolute(), models.expanduser().absolute(), _program_dir())

    @property
    def chats_file(self) -> Path:
        return self.data / "chats.sqlite3"

    @property
    def settings_file(self) -> Path:
        return self.data / "settings.json"

    @property
    def presets_file(self) -> Path:
        return self.data / "presets.json"

    @property
    def safety_dir(self) -> Path:
        """Backups that the program makes by itself."""
        return self.data / "backups"

    @property
    def model_facts_file(self) -> Path:
        """What the headers of known model files said; may be deleted at any time."""
        return self.data / "models.json"

    @property
    def model_choices_file(self) -> Path:
        """How the person wants each model to be spoken to."""
        return self.data / "model_choices.json"

    @property
    def search_killers_file(self) -> Path:
        """Which embedding models took their process with them, see `desktop.core.workers.killers`."""
        return self.data / "search-model-killers.json"

    @property
    def killers_file(self) -> Path:
        """Which models took their worker with them; may be deleted at any time."""
        return self.data / "engine-deaths.json"

    @property
    def unfinished_dir(self) -> Path:
        """Which files outside are being written; see `desktop.core.exchange.whole_files`."""
        return self.data / "unfinished"

    @property
    def library_dir(self) -> Path:
        """The library worker's own: library.db and chroma/."""
        return self.data / "library"

    @property
    def runtimes_dir(self) -> Path:
        """Folders with llama.cpp built for other hardware; see packaging/runtimes.md."""
        return self.data / "runtimes"

    @property
    def shipped_models_dir(self) -> Path | None:
        """Models that were installed with the program, for every user; nothing is written there."""
        return self.program / "models" if self.program is not None else None

    @property
    def torch_program(self) -> Path | None:
        """The add-on that has sentence-transformers; None where it is not installed, or not needed."""
        if self.program is None:
            return None
        name = "sobremesa-torch.exe" if sys.platform == "win32" else "sobremesa-torch"
        program = self.program / "sentence-transformers" / name
        return program if program.is_file() else None

    @property
    def shipped_runtimes_dir(self) -> Path | None:
        """Runtimes that were installed with the program."""
        return self.program / "runtimes" if self.program is not None else None

    @property
    def training_dir(self) -> Path:
        """Runs of the workshop, a folder each; made with the first one."""
        return self.data / "training"

    @property
    def kv_dir(self) -> Path:
        """KV states of recent chats, written by the engine; may be deleted at any time."""
        return self.data / "kv"

    @property
    def logs_dir(self) -> Path:
        return self.data / "logs"

    @property
    def lock_file(self) -> Path:
        """Held by the one process that owns this data folder."""
        return self.data / "lock"

    @property
    def socket_key_file(self) -> Path:
        return self.data / "socket.key"

    @property
    def socket_address(self) -> str:
        """Where the owner listens for commands: the same for everyone who names this folder.

        A path in the data folder; where that is longer than the system allows, a short one derived from
        it in a private folder of this user; on Windows a pipe's name derived from it.
        """
        digest = hashlib.sha256(os.fsencode(self.data.resolve())).hexdigest()[:16]
        if sys.platform == "win32":
            return rf"\\.\pipe\{NAME}-{digest}"
        address = self.data / "socket"
        if len(os.fsencode(address)) <= SOCKET_PATH_BYTES:
            return str(address)
        return str(_runtime_dir() / f"{digest}.socket")

    def create(self) -> None:
        """Make the folders, for this user only. Raises DataUnwritable."""
        try:
            for folder in (
                self.data,
                self.library_dir,
                self.logs_dir,
                Path(self.socket_address).parent,
            ):
                if sys.platform == "win32" and str(folder).startswith("\\\\.\\pipe"):
                    continue
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                _refuse_strangers(folder)
            self._create_kv_dir()
        except OSError as error:
            raise DataUnwritable(str(error), folder=str(self.data)) from error
        if not os.access(self.data, os.R_OK | os.W_OK | os.X_OK):
            raise DataUnwritable(folder=str(self.data))

    def _create_kv_dir(self) -> None:
        """Chats go on without it: what would be in it is only read again."""
        try:
            self.kv_dir.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:  # a file stands there, or the disk is full
            log.warning("no KV states are kept: %s", error)
            return
        _refuse_strangers(self.kv_dir)


def _program_dir() -> Path | None:
    """Where the frozen program lies; None where it runs from its source."""
    return Path(sys.executable).resolve().parent if getattr(sys, "frozen", False) else None


def _from_environment(variable: str) -> Path | None:
    value = os.environ.get(variable, "")
    return Path(value) if value else None


def _refuse_strangers(folder: Path) -> None:
    """A folder below /tmp may have been made by someone else, who would then own our socket."""
    if sys.platform != "win32" and folder.is_relative_to("/tmp") and folder.stat().st_uid != os.getuid():  # noqa: S108
        raise PermissionError(f"{folder} belongs to another user")


def _runtime_dir() -> Path:
    # not XDG_RUNTIME_DIR: a command over ssh and the window must come to the same folder
    user = os.getuid() if sys.platform != "win32" else 0
    runtime = Path(f"/run/user/{user}")
    if sys.platform == "linux" and os.access(runtime, os.W_OK):
        return runtime / NAME
    # not gettempdir() first: macOS's per-user folder is itself about 50 bytes long, yet private
    base = Path(tempfile.gettempdir()) if sys.platform == "darwin" else Path("/tmp")  # noqa: S108
    return base / f"{NAME}-{user}"
