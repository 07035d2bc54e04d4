"""Every setting, declared once, and the file that keeps their values. Chooses no words.

What a setting is called and what it does stands in desktop.words.settings, by its name.
"""

import threading
from pathlib import Path
from typing import Literal

import msgspec

from desktop.core.addresses import is_host, is_safe_address
from desktop.core.errors import BadSetting, DataUnwritable, SettingsDamaged
from desktop.core.private_files import write_private
from desktop.core.types import Problem
from engine.sampling import CONTROLS, MAX_ALTERNATIVES, MAX_SEED
from rag.search_tuning import FLOOR

Value = bool | str | int | float
Section = Literal["general", "model", "reply", "documents", "network"]


class Setting(msgspec.Struct, frozen=True):
    """One setting. Its type is its default's. `low` and `high` are inclusive; `section` is where it shows.

    With `least`, `low` stands for something else than a number, and numbers begin at `least`.
    """

    name: str
    default: Value
    section: Section
    low: float | None = None
    high: float | None = None
    least: float | None = None
    choices: tuple[str, ...] = ()
    path: Literal["", "file", "folder"] = ""  # what a text names on the disk
    suggestions: tuple[str, ...] = ()  # of a text: what is offered; anything else may be typed
    address: bool = False  # a text that names a server, see `desktop.core.addresses`
    host: bool = False  # a text that names a machine; "": none
    unit: Literal["", "tokens", "layers", "mib", "minutes", "days", "percent"] = ""

    def checked(self, value: object) -> Value:
        """`value` in this setting's type. Raises BadSetting."""
        if isinstance(self.default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not type(self.default) or not isinstance(value, str | int | float | bool):
            raise BadSetting(name=self.name, value=str(value))
        if isinstance(value, str):
            allowed = not self.choices or value in self.choices
            if self.address:
                allowed = is_safe_address(value)
            if self.host:
                allowed = not value or is_host(value)
        else:
            # "not <" lets nan fail as well
            least = self.low if self.least is None or value == self.low else self.least
            allowed = (least is None or value >= least) and (self.high is None or value <= self.high)
        if not allowed:
            raise self._refusal(value)
        return value

    def _refusal(self, value: Value) -> BadSetting:
        """Names the range as the engine's bad_setting does, where there is one."""
        if self.address:
            return BadSetting(name=self.name, value=value, address=1)
        if self.host:
            return BadSetting(name=self.name, value=value, host=1)
        if self.low is None or self.high is None:
            return BadSetting(name=self.name, value=value)
        of_kind = type(self.default)
        low, high = of_kind(self.low), of_kind(self.high)
        if self.least is None:
            return BadSetting(name=self.name, value=value, low=low, high=high)
        return BadSetting(name=self.name, value=value, low=of_kind(self.least), high=high, automatic=low)


def _unit(name: str) -> Literal["", "tokens"]:
    return "tokens" if name.endswith("_tokens") else ""


SETTINGS: tuple[Setting, ...] = (
    Setting("language", "system", "general", choices=("system", "en", "es")),
    Setting("theme", "system", "general", choices=("system", "light", "dark", "high_contrast")),
    # of all text in the window
    Setting("text_percent", 100, "general", low=80, high=200, unit="percent"),
    Setting("motion", "system", "general", choices=("system", "less", "full")),
    # tell that something long has ended while another window is in front
    Setting("notifications", True, "general"),
    # 0: until the program ends
    Setting("trash_days", 30, "general", low=0, high=3650, unit="days"),
    # a chat is named by the model after its first answer
    Setting("model_titles", True, "general"),
    # a text that is pasted and has more characters becomes a file; 0: none does
    Setting("long_paste_characters", 4000, "general", low=0, high=1_000_000),
    Setting("model_path", "", "model", path="file"),
    # one folder in each line: a comma or a colon may be part of a folder's name
    Setting("models_folders", "", "model"),
    # 0: as the model was trained, within what memory and sense allow
    Setting("context_tokens", 0, "model", low=0, high=1_048_576, least=32, unit="tokens"),
    # turns that left the window are retold in short
    Setting("running_summary", False, "model"),
    # -1: as many as fit
    Setting("gpu_layers", -1, "model", low=-1, high=1000, unit="layers"),
    # how the model's memory of a chat is stored
    Setting("kv_type", "auto", "model", choices=("auto", "f16", "q8_0", "q4_0")),
    # 0: what is free
    Setting("memory_limit_mib", 0, "model", low=0, high=1_048_576, unit="mib"),
    # 0: never
    Setting("idle_unload_minutes", 15, "model", low=0, high=1440, unit="minutes"),
    # GPUs by name with commas between, or "none"; empty: all that suit
    Setting("devices", "", "model", suggestions=("", "none")),
    # "auto", "built-in", the name of a folder in the runtimes folder, or another folder's path
    Setting("runtime", "auto", "model", suggestions=("auto", "built-in")),
    # what the model had read of recent chats, on the disk; 0: nothing
    Setting("kept_chats_mib", 512, "model", low=0, high=65_536, unit="mib"),
    # try what the prompt says next and have the model check it, where that is faster
    Setting("guess_ahead", True, "model"),
    # without one, some templates put a sentence of their own that small models answer in odd ways
    Setting("system_prompt", "You are a helpful AI assistant.", "reply"),
    Setting("thinking", "automatic", "reply", choices=("automatic", "on", "off")),
    *(Setting(c.name, c.default, "reply", c.low, c.high, unit=_unit(c.name)) for c in CONTROLS),
    # -1: another one each time
    Setting("seed", -1, "reply", low=-1, high=MAX_SEED),
    # 0: as many as the context window holds
    Setting("max_reply_tokens", 0, "reply", low=0, high=1_048_576, unit="tokens"),
    # texts, one in each line: desktop.core.replies.settings reads them
    Setting("stop", "", "reply"),
    Setting("dry_breakers", '\\n\n:\n"\n*', "reply"),
    Setting("logit_bias", "", "reply"),
    Setting("adapters", "", "reply"),
    # of each token, how many others are shown that could have stood there
    Setting("alternatives", 0, "reply", low=0, high=MAX_ALTERNATIVES),
    Setting("embedder_path", "", "documents", path="folder"),
    # "": none. A cross-encoder that reads what was found again
    Setting("reranker_path", "", "documents", path="folder"),
    Setting("excerpts", 5, "documents", low=1, high=50),
    # of what was measured to be best; 0: by meaning alone
    Setting("word_weight_percent", 100, "documents", low=0, high=400, unit="percent"),
    # passages like good ones are drawn towards them
    Setting("drawn_together", True, "documents"),
    # of the confidence that a passage holds the answer: less is not shown
    Setting("relevance_floor_percent", 100 * FLOOR, "documents", low=0.0, high=50.0, unit="percent"),
    Setting("say_nothing_found", True, "documents"),
    Setting("whole_documents", False, "documents"),
    Setting("rewrite_questions", True, "documents"),
    # all that can use the network stands below, see desktop.core.network.
    # True until the person says otherwise: nothing of this program asks the network by itself
    Setting("offline", True, "network"),
    Setting("hub_address", "https://huggingface.co", "network", address=True),
    # "": none. Beside the library's own index; its token is in the keyring
    Setting("chroma_host", "", "network", host=True),
    Setting("chroma_port", 8000, "network", low=1, high=65_535),
    Setting("chroma_tls", False, "network"),
    # False: what others keep there is searched, and nothing of this library goes there
    Setting("chroma_share", False, "network"),
)


def setting(name: str) -> Setting:
    """The declaration of `name`. Raises BadSetting."""
    for declared in SETTINGS:
        if declared.name == name:
            return declared
    raise BadSetting(name=name, value="")


class Settings:
    """The values, in memory and in one JSON file. May be used from any thread.

    Only what differs from the defaults is written, so that a better default reaches everyone. Names this
    version does not know are kept: a later version may have written them.
    """

    def __init__(self, path: Path) -> None:
        """Read `path`. A file that cannot be understood is kept beside it as `*.damaged`; see `problem`."""
        self._path = path
        self._lock = threading.Lock()
        self.problem: Problem | None = None
        self._values = self._read()

    def value(self, name: str) -> Value:
        """The present value. Raises BadSetting for a name that is not declared."""
        declared = setting(name)
        try:
            return declared.checked(self._values[name])
        except (KeyError, BadSetting):
            return declared.default

    def unknown(self) -> tuple[str, ...]:
        """Names in the file that this version does not know; a later version may have written them."""
        return tuple(sorted(set(self._values) - {declared.name for declared in SETTINGS}))

    def text(self, name: str) -> str:
        return str(self.value(name))

    def flag(self, name: str) -> bool:
        return bool(self.value(name))

    def whole(self, name: str) -> int:
        return int(self.value(name))

    def decimal(self, name: str) -> float:
        return float(self.value(name))

    def set(self, name: str, value: object) -> None:
        """Check, keep and save. On BadSetting, StorageFull or DataUnwritable the old value stays."""
        declared = setting(name)
        checked = declared.checked(value)
        with self._lock:
            values = {**self._values, name: checked}
            if checked == declared.default:
                del values[name]
            self._write(values)
            self._values = values

    def _read(self) -> dict[str, object]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, object])
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.problem = DataUnwritable(str(error), folder=str(self._path.parent)).problem()
            return {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._keep_damaged()
            return {}

    def _keep_damaged(self) -> None:
        kept = self._path.with_name(self._path.name + ".damaged")
        try:
            self._path.replace(kept)
        except OSError as error:
            self.problem = DataUnwritable(str(error), folder=str(self._path.parent)).problem()
            return
        self.problem = SettingsDamaged(file=str(self._path), kept_as=str(kept)).problem()

    def _write(self, values: dict[str, object]) -> None:
        write_private(self._path, msgspec.json.format(msgspec.json.encode(values, order="sorted"), indent=2))


def peek(path: Path, name: str) -> Value:
    """One value of a settings file that another program may own: reads, and repairs nothing."""
    declared = setting(name)
    try:
        values = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        return declared.checked(values.get(name, declared.default))
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, BadSetting):
        return declared.default
