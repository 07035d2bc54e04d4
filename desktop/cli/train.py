"""`sobremesa train`: what can be typed, and the requests that it means. Prints nothing, starts nothing.

Every option may come from a TOML file instead, in the section of its phase; what is typed goes before it.
"""

import argparse
import contextlib
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from desktop.core.errors import TrainPlanUnreadable
from desktop.i18n import N_, _
from engine.train.config import OLDER, ModelConfig
from engine.train.errors import RunExists
from engine.train.protocol import Evaluate, Export, PrepareText, Train, Work
from engine.train.specs import (
    LETTERS_TIME,
    LETTERS_VOCAB,
    FineTune,
    Grown,
    Masked,
    Pretrain,
    Settings,
    Translate,
)

Begin = Callable[..., argparse.ArgumentParser]
EXAMPLES: Final = "examples.jsonl"  # of a run that learns from chats, in its folder
PHASES: Final = ("prepare", "pretrain", "finetune", "evaluate", "export")

# option: (type, what it is); None: a flag. What is not given is as the engine has it.
OBJECTIVES: Final = ("next", "masked", "translation")
PREPARE: Final = {
    "vocab": (int, N_("how many tokens the tokenizer may learn; 2048 if not given")),
    "characters": (None, N_("one token for each character instead")),
    "validation-share": (float, N_("the share of the text that is held out; 0.1 if not given")),
}
LEARNING: Final = {
    "steps": (int, N_("how many steps to take")),
    "batch": (int, N_("rows in a batch")),
    "accumulate": (int, N_("batches in a step")),
    "rate": (float, N_("the highest learning rate")),
    "warmup": (int, N_("steps until the rate is reached")),
    "decay": (float, N_("weight decay")),
    "seed": (int, N_("of everything that is drawn by chance")),
    "threads": (int, N_("how many threads may work; one core fewer than there are leaves one free")),
    "validate-every": (int, N_("steps between two measurements")),
    "save-every": (int, N_("steps between two checkpoints")),
    "sample-every": (int, N_("steps between two samples; 0: none")),
    "patience": (int, N_("end after so many measurements without gain; 0: never")),
}
SHAPE: Final = {
    "layers": (int, N_("blocks, one after the other")),
    "heads": (int, N_("heads of attention")),
    "kv-heads": (int, N_("heads of keys and values, shared by groups")),
    "width": (int, N_("numbers that stand for a token")),
    "hidden": (int, N_("width inside the feed-forward part")),
    "context": (int, N_("tokens that it sees at once")),
}
TUNING: Final = {
    "kind": (str, N_("what is learnt: answers, labels or text")),
    "learn": (str, N_("what of the model learns: all, lora, last_block or head")),
    "rank": (int, N_("rank of the LoRA adapter")),
    "alpha": (float, N_("its weight")),
    "keep": (float, N_("how much it counts to stay as it was beside what is learnt; 0: not at all")),
    "held-out-share": (float, N_("the share of the rows that is held out")),
    "time": (int, N_("tokens in a row")),
}
# a model small enough to be grown in a few minutes
FIRST: Final = {"layers": 4, "heads": 4, "width": 128, "context": 256}
TUNED: Final = {
    "steps": 200,
    "batch": 4,
    "rate": 1e-3,
    "warmup": 10,
    "decay": 0.0,
    "validate_every": 50,
    "sample_every": 100,
    "save_every": 50,
}
TOLD_APART: Final = {**TUNED, "batch": 8}  # labels: many texts, of which little is read


def add_train(commands: Any, begin: Begin, parser_class: type[argparse.ArgumentParser], name: Any) -> None:
    """The words and options of the command. `name`: the type of a file's name."""
    grammar = begin(
        commands,
        "train",
        _("grow a small model from text, teach one, measure it, turn it into a file that chats"),
        _(
            "The workshop's phases, one after the other: prepare text, pre-train a new model on it or\n"
            "fine-tune one that there is, evaluate it, export it. Each leaves a folder that the next one\n"
            "reads. A run that was stopped or killed goes on with --resume. “all” takes every phase from a\n"
            "TOML file."
        ),
    )
    actions = grammar.add_subparsers(dest="action", metavar=_("ACTION"), parser_class=parser_class)
    prepare = begin(actions, "prepare", _("turn text files into tokens"))
    prepare.add_argument("inputs", type=name, nargs="*", metavar="INPUT", help=_("file or folder"))
    prepare.add_argument("--documents", action="append", metavar=_("COLLECTION"), help=_(
        "the documents of this collection of your library; may be repeated"
    ))  # fmt: skip
    prepare.add_argument("--tokens-of", type=name, metavar="RUN", help=_(
        "cut into the tokens of this run, which is to go on learning: finetune --kind text"
    ))  # fmt: skip
    _options(prepare, PREPARE)
    pretrain = begin(actions, "pretrain", _("grow a new model from prepared text"))
    pretrain.add_argument("--data", type=name, metavar=_("DIR"), help=_("the prepared text"))
    _options(pretrain, SHAPE)
    pretrain.add_argument("--style", choices=("llama", "older"), default=None, help=_(
        "how its parts are drawn: as Llama's, or with LayerNorm, learned positions and GELU, as before it"
    ))  # fmt: skip
    pretrain.add_argument("--objective", choices=OBJECTIVES, default=None, help=_(
        "“next”: the next token, as models that chat; “masked”: hidden words, as an encoder; “translation”:"
        " numbers from English to Spanish words, by an encoder and a decoder, which needs no data"
    ))  # fmt: skip
    finetune = begin(actions, "finetune", _("teach a model with examples"))
    finetune.add_argument("--base", type=name, metavar="MODEL", help=_("a GGUF file, a run, or a folder"))
    finetune.add_argument("--data", type=name, metavar=_("FILE"), help=_("rows as CSV, JSON or JSONL"))
    finetune.add_argument("--chats", action="store_true", default=None, help=_(
        "the replies in your chats that you rated good or edited, in the place of a file"
    ))  # fmt: skip
    _options(finetune, TUNING)
    for action in (pretrain, finetune):
        _options(action, LEARNING)
        action.add_argument("--backend", choices=("auto", "numpy", "compiled", "jax"), default=None,
                            help=_("what does the arithmetic"))  # fmt: skip
        action.add_argument("--resume", action="store_true", help=_("go on where the run in --out ended"))
    evaluate = begin(actions, "evaluate", _("measure a model on text, on rows, or by its answers"))
    evaluate.add_argument(
        "model", type=name, nargs="?", metavar="MODEL", help=_("a run, a GGUF file, or a folder")
    )
    evaluate.add_argument(
        "--text", type=name, nargs="+", dest="texts", metavar=_("FILE"), help=_("texts to predict")
    )
    evaluate.add_argument(
        "--rows", type=name, metavar=_("FILE"), help=_("questions to answer, or texts with labels")
    )
    evaluate.add_argument(
        "--prompt", action="append", dest="prompts", metavar="PROMPT", help=_("answer this")
    )
    export = begin(actions, "export", _("turn a run into a model file"))
    export.add_argument("run", type=name, nargs="?", metavar="RUN", help=_("the folder of the run"))
    export.add_argument("--form", choices=("gguf", "adapter", "folder"), default=None,
                        help=_("a model file, its adapter alone, or a Hugging Face folder"))  # fmt: skip
    export.add_argument("--kind", choices=("F32", "F16", "Q8_0"), default=None, help=_("bits of each weight"))
    export.add_argument("--name", default=None, metavar=_("NAME"), help=_("what the model is called"))
    everything = begin(actions, "all", _("take every phase that the plan names"))
    for action in (prepare, pretrain, finetune, evaluate, export, everything):
        if action is export:
            words = _("where to put it; a model without a folder goes to your models")
            action.add_argument("--out", type=name, metavar=_("PATH"), help=words)
        elif action is not evaluate and action is not everything:
            action.add_argument("--out", type=name, metavar=_("PATH"), help=_("where to put it"))
        action.add_argument(
            "--plan", type=name, metavar=_("FILE"), help=_("a TOML file with the same options")
        )


def _options(grammar: argparse.ArgumentParser, options: dict[str, tuple[Any, str]]) -> None:
    for option, (kind, words) in options.items():
        if kind is None:
            grammar.add_argument(f"--{option}", action="store_true", default=None, help=_(words))
        else:
            grammar.add_argument(f"--{option}", type=kind, metavar=kind.__name__.upper(), help=_(words))


# ── meaning ───────────────────────────────────────────────────────────────────────────────────────


class Missing(Exception):
    """An option that the phase needs and nobody gave."""


class Material(Protocol):
    """Where chats and documents come from. Raises CoreError."""

    def examples(self, path: str) -> None:
        """Write what was approved of in chats into a file of rows."""
        ...

    def texts(self, collections: tuple[str, ...]) -> str:
        """The folder in which the documents of collections lie as text."""
        ...


def requests_of(
    arguments: argparse.Namespace, cores: int, models: Path, material: Material
) -> Iterator[Work]:
    """What was typed, as requests in their order, each made when it is asked for: a phase reads what the one
    before left. `models`: where files that chat belong.

    Raises TrainPlanUnreadable, Missing, BadShape, and what `material` raises.
    """
    plan = _plan(arguments.plan) if arguments.plan else {}
    if arguments.action == "all":
        if not plan:
            raise Missing("plan")
        for phase in PHASES:
            if phase in plan:
                yield _request(phase, dict(plan[phase]), cores, models, material)
        return
    # by what they are: a 0 that was typed is one
    typed = {
        name: value
        for name, value in vars(arguments).items()
        if not (value is None or value is False or value == [])
    }
    given = {**plan.get(arguments.action, {}), **typed}
    yield _request(arguments.action, given, cores, models, material)


def _plan(path: str) -> dict[str, dict[str, Any]]:
    """Paths in it are relative to where it lies. Raises TrainPlanUnreadable."""
    file = Path(path).expanduser()
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise TrainPlanUnreadable(str(error), path=path) from error
    strange = [section for section in found if section not in PHASES or not isinstance(found[section], dict)]
    if strange or not found:
        raise TrainPlanUnreadable(", ".join(strange), path=path)
    base = file.absolute().parent
    sections = {
        name: {key.replace("-", "_"): value for key, value in said.items()} for name, said in found.items()
    }
    for said in sections.values():
        for key in ("inputs", "texts"):
            if key in said:
                said[key] = [str(base / one) for one in said[key]]
        for key in ("out", "data", "base", "model", "rows", "run", "tokens_of"):
            if key in said and not (key == "out" and said is sections.get("export") and _bare(said[key])):
                said[key] = str(base / said[key])
    return sections


def _request(phase: str, given: dict[str, Any], cores: int, models: Path, material: Material) -> Work:
    def path(name: str) -> str:
        if not given.get(name):
            raise Missing(name)
        return _absolute(given[name])

    try:
        match phase:
            case "prepare":
                inputs = tuple(_absolute(one) for one in given.get("inputs", ()))
                out, collections = path("out"), tuple(given.get("documents", ()))
                if not inputs and not collections:
                    raise Missing("inputs")
                if collections:
                    inputs = (*inputs, material.texts(collections))
                tokens = _absolute(given["tokens_of"]) if given.get("tokens_of") else ""
                return PrepareText(inputs, out, tokens_of=tokens, **_some(given, PREPARE))
            case "pretrain":
                task: Grown | None = None
                if not given.get("resume"):
                    data = "" if given.get("objective") == "translation" else path("data")
                    task = _grown(given, data)
                return Train(path("out"), task, _settings(given, cores, {}), given.get("backend", "auto"))
            case "finetune":
                tuned = None
                if not given.get("resume"):
                    data = _chats(given, path("out"), material) if given.get("chats") else path("data")
                    told = {**_some(given, TUNING), **({"seed": given["seed"]} if "seed" in given else {})}
                    tuned = msgspec.convert(
                        {"type": "finetune", "base": path("base"), "data": data, **told}, FineTune
                    )
                usual = TOLD_APART if given.get("kind") == "labels" else TUNED
                return Train(path("out"), tuned, _settings(given, cores, usual), given.get("backend", "auto"))
            case "evaluate":
                texts = tuple(_absolute(one) for one in given.get("texts", ()))
                rows = _absolute(given["rows"]) if given.get("rows") else ""
                return Evaluate(path("model"), texts, rows, tuple(given.get("prompts", ())))
            case _:
                told = {key: given[key] for key in ("form", "kind", "name") if given.get(key)}
                chats = told.get("form", "gguf") == "gguf"
                run = path("run")
                return Export(run, _placed(given, run, models) if chats else path("out"), **told)
    except (msgspec.ValidationError, TypeError) as error:
        raise TrainPlanUnreadable(str(error), path=str(given.get("plan", ""))) from error


def _chats(given: dict[str, Any], out: str, material: Material) -> str:
    """The file of examples from chats: in the run's folder, as a run that goes on reads it again."""
    if given.get("data"):
        raise Missing("chats | data")
    if (Path(out) / "run.json").exists():
        raise RunExists(path=out)
    Path(out).mkdir(parents=True, exist_ok=True, mode=0o700)
    file = str(Path(out) / EXAMPLES)
    try:
        material.examples(file)
    except BaseException:
        with contextlib.suppress(OSError):  # it was there before, with something in it
            Path(out).rmdir()
        raise
    return file


def _placed(given: dict[str, Any], run: str, models: Path) -> str:
    """Where a model file goes: among the person's models unless a folder is named. A name that nobody typed
    takes no other file's place."""
    typed = given.get("out")
    if typed:
        return str(models / typed) if _bare(typed) else _absolute(typed)
    name = given.get("name") or Path(run).name
    number = 1
    while (found := models / f"{name}{f'-{number}' if number > 1 else ''}.gguf").exists():
        number += 1
    return str(found)


def _bare(path: str) -> bool:
    """Whether it names no folder."""
    return Path(path).name == path and path not in (".", "..")


def _some(given: dict[str, Any], options: dict[str, tuple[Any, str]]) -> dict[str, Any]:
    names = [option.replace("-", "_") for option in options]
    return {name: given[name] for name in names if name in given}


def _settings(given: dict[str, Any], cores: int, usual: dict[str, Any]) -> Settings:
    return msgspec.convert({"threads": cores, **usual, **_some(given, LEARNING)}, Settings)


def _grown(given: dict[str, Any], data: str) -> Grown:
    """The model that is to be. Raises BadShape for sizes of which none can be made, TrainPlanUnreadable."""
    sizes, seed = {**FIRST, **_some(given, SHAPE)}, given.get("seed", 1)
    older = OLDER if given.get("style", "llama") == "older" else {}
    match given.get("objective", "next"):
        case "masked":
            made = {**older, **sizes, "kind": "encoder", "vocab": _vocab(data) + 1}
            return Masked(data, msgspec.convert(made, ModelConfig), seed)
        case "translation":
            made = {**older, **sizes, "kind": "encoder_decoder", "vocab": LETTERS_VOCAB}
            return Translate(msgspec.convert({**made, "context": LETTERS_TIME}, ModelConfig), seed)
        case "next":
            made = {**older, **sizes, "vocab": _vocab(data)}
            return Pretrain(data, msgspec.convert(made, ModelConfig), seed)
        case other:
            raise TrainPlanUnreadable(f"objective {other}", path=str(given.get("plan", "")))


def _vocab(data: str) -> int:
    """Of the prepared text."""
    try:
        return int(msgspec.json.decode((Path(data) / "data.json").read_bytes())["vocab"])
    except (OSError, KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise TrainPlanUnreadable(str(error), path=data) from error


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())
