"""`sobremesa train` as a person types it: from text to a model that chats; wrong input in plain words."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from desktop.core.chats.store import ChatStore
from desktop.core.exchange.conversations import OWN, Conversation, Node
from desktop.core.types import TextPart
from engine.gguf_header import inspect_whole
from engine.train.examples import read_rows
from tests.fakes.engine_models import write_tiny_model
from tests.fakes.engine_random import write_random_model
from tests.fakes.engine_shapes import Shape
from tests.unit.train.texts import story

pytestmark = pytest.mark.slow

LIMIT_S = 240
SMALL = ("--layers", "1", "--heads", "2", "--width", "32", "--context", "64", "--batch", "4")
QUIET = ("--validate-every", "10", "--save-every", "5", "--sample-every", "10", "--warmup", "2")


class Shell:
    """A folder with texts, a data folder and a models folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.models = folder / "models"
        self.models.mkdir()
        (folder / "story.txt").write_text(story(600), encoding="utf-8")

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-P", "-m", "desktop", *words, "--data-dir", str(self.folder / "home")]
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={
                **os.environ,
                "LANGUAGE": "en",
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "SOBREMESA_MODELS": str(self.models),
            },
        )

    def run(self, *words: str) -> tuple[int, str, str]:
        child = self.begin(*words)
        out, err = child.communicate(timeout=LIMIT_S)
        return child.returncode, out, err

    def told(self, *words: str) -> list[dict[str, Any]]:
        """The lines of --json: what happened on the way, and the object at the end."""
        code, out, err = self.run("train", *words, "--json")
        assert code == 0, out + err
        return [json.loads(line) for line in out.splitlines()]

    def refused(self, *words: str) -> dict[str, Any]:
        """The error of a command that cannot be done: one object, and a sentence with a hint."""
        code, out, err = self.run("train", *words, "--json")
        assert (code, err) == (1, ""), out + err
        error = json.loads(out.splitlines()[-1])["error"]
        assert error["message"].endswith(".")
        assert error["hint"].endswith(".")
        assert "{" not in error["message"] + error["hint"]
        assert isinstance(error, dict)
        return error


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """With prepared text, "data", and a run over it, "run"."""
    made = Shell(tmp_path_factory.mktemp("shell"))
    made.told("prepare", "story.txt", "--characters", "--out", "data")
    made.told("pretrain", "--data", "data", *SMALL, *QUIET, "--steps", "20", "--out", "run")
    return made


def test_from_text_to_a_model_that_chats(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    told = shell.told("prepare", "story.txt", "--characters", "--out", "data")
    assert [line["type"] for line in told[:-1]] == ["read", "encoded", "encoded"]
    assert told[-1]["done"] == "prepared"
    told = shell.told("pretrain", "--data", "data", *SMALL, *QUIET, "--steps", "20", "--out", "run")
    assert {line.get("type") for line in told[:-1]} == {"stepped", "validated", "sampled", "saved", "ended"}
    assert (told[-1]["done"], told[-1]["reason"], told[-1]["step"]) == ("trained", "finished", 20)
    code, out, _ = shell.run("train", "pretrain", "--resume", "--out", "run")
    assert code == 0
    assert "All steps are taken." in out
    told = shell.told("evaluate", "run", "--text", "story.txt", "--prompt", "Ana vive")
    assert told[-1]["texts"]["story.txt"]["bits_per_byte"] > 0
    assert list(told[-1]["answers"]) == ["Ana vive"]
    told = shell.told("export", "run", "--out", "m.gguf")
    assert told[-1]["path"] == str(shell.models / "m.gguf")
    assert inspect_whole(str(shell.models / "m.gguf")).architecture == "llama"
    _, out, _ = shell.run("models", "--json")
    assert "m.gguf" in out
    code, out, err = shell.run(
        "chat", "--model", "m.gguf", "--template", "completion", "--max-tokens", "12", "Ana vive"
    )
    assert code == 0, err
    assert out.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_an_interrupted_run_is_saved_and_goes_on(shell: Shell) -> None:
    child = shell.begin(
        "train", "pretrain", "--data", "data", *SMALL, *QUIET, "--steps", "100000", "--out", "long", "--json"
    )  # fmt: skip
    assert child.stdout is not None
    for line in child.stdout:
        if json.loads(line).get("type") == "saved":
            break
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=LIMIT_S)
    last = json.loads(out.splitlines()[-1])
    assert (last["done"], last["reason"]) == ("trained", "stopped")
    again = shell.begin("train", "pretrain", "--resume", "--out", "long", "--json")
    assert again.stdout is not None
    steps = [json.loads(line) for line, _ in zip(again.stdout, range(2), strict=False)]
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=LIMIT_S)
    assert next(line["step"] for line in steps if line["type"] == "stepped") > last["step"]


def test_a_plan_takes_every_phase(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "plan.toml").write_text(
        '[prepare]\ninputs = ["story.txt"]\nout = "data"\ncharacters = true\n'
        '[pretrain]\ndata = "data"\nout = "run"\nlayers = 1\nheads = 2\nwidth = 32\ncontext = 64\nsteps = 6\n'
        "batch = 4\nsample_every = 0\n"
        '[evaluate]\nmodel = "run"\ntexts = ["story.txt"]\n'
        '[export]\nrun = "run"\nname = "Planned"\n',
        encoding="utf-8",
    )
    told = shell.told("all", "--plan", "plan.toml")
    assert [line["done"] for line in told if isinstance(line.get("done"), str)] == [
        "prepared",
        "trained",
        "evaluated",
        "exported",
    ]
    assert (shell.models / "Planned.gguf").is_file()


def test_what_was_approved_of_in_chats_is_learnt(shell: Shell) -> None:
    words = ("finetune", "--base", "run", "--chats", "--steps", "2", "--time", "64", "--batch", "2")
    assert shell.refused(*words, "--out", "none")["code"] == "nothing_rated"
    assert not (shell.folder / "none").exists()
    home = shell.folder / "home"
    store = ChatStore(home / "chats.sqlite3")
    nodes: list[Node] = []
    for number in range(6):
        nodes.append(Node(f"q{number}", None, "user", (TextPart("Ana vive"),), 1.0 + number))
        nodes.append(
            Node(f"a{number}", f"q{number}", "assistant", (TextPart(f"aqui {number}"),), 2.0, rating=1)
        )
    store.absorb([Conversation(OWN, "one", "Ana", 1.0, 2.0, tuple(nodes))])
    store.close()
    told = shell.told(*words, "--out", "taught")
    assert (told[-1]["done"], told[-1]["reason"]) == ("trained", "finished")
    rows = read_rows(shell.folder / "taught" / "examples.jsonl").rows
    assert sorted(row.messages[1].content for row in rows) == [f"aqui {number}" for number in range(6)]
    assert shell.refused(*words, "--out", "taught")["code"] == "train_run_exists"


def test_text_that_cannot_be_learnt_from_is_told(shell: Shell) -> None:
    folder = shell.folder
    (folder / "empty.txt").touch()
    (folder / "tiny.txt").write_text("Hola.", encoding="utf-8")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "nothing").mkdir()
    for name, code in (
        ("empty.txt", "train_text_small"),
        ("tiny.txt", "train_text_small"),
        ("binary.txt", "train_text_unreadable"),
        ("nothing", "train_nothing"),
        ("missing.txt", "train_nothing"),
    ):
        assert (name, shell.refused("prepare", name, "--out", "none")["code"]) == (name, code)
    assert shell.refused("prepare", "story.txt", "--vocab", "3", "--out", "none")["code"] == "train_tokenizer"
    assert not (folder / "none").exists()


def test_text_of_another_encoding_is_read_all_the_same(shell: Shell) -> None:
    (shell.folder / "old.txt").write_bytes(story(300).encode("cp1252"))
    told = shell.told("prepare", "old.txt", "--characters", "--out", "old")
    assert told[-1]["info"]["unreadable"] == {}
    assert "Ã" not in "".join(told[-1]["info"]["frequent"])


def test_rows_that_cannot_be_learnt_from_are_told(shell: Shell) -> None:
    folder = shell.folder
    (folder / "columns.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (folder / "one.csv").write_text(
        "text,label\n" + "".join(f"text {n},x\n" for n in range(9)), encoding="utf-8"
    )
    (folder / "long.jsonl").write_text(
        "".join(json.dumps({"question": f"{n}", "answer": "Ana " * 400}) + "\n" for n in range(9)),
        encoding="utf-8",
    )
    (folder / "broken.json").write_text("[{", encoding="utf-8")
    for name, kind, code in (
        ("columns.csv", "answers", "train_no_rows"),
        ("one.csv", "labels", "train_one_label"),
        ("long.jsonl", "answers", "train_answers_long"),
        ("broken.json", "answers", "train_text_unreadable"),
        ("missing.csv", "answers", "train_text_unreadable"),
    ):
        error = shell.refused("finetune", "--base", "run", "--data", name, "--kind", kind, "--out", "none")
        assert (name, error["code"]) == (name, code)
    assert (
        "a, b" in shell.refused("finetune", "--base", "run", "--data", "columns.csv", "--out", "none")["hint"]
    )
    assert not (folder / "none").exists()


def test_a_loss_that_grows_beyond_all_numbers_is_told_with_what_was_kept(shell: Shell) -> None:
    error = shell.refused(
        "pretrain", "--data", "data", *SMALL, *QUIET, "--steps", "400", "--rate", "90000", "--out", "wild"
    )
    assert error["code"] == "train_diverged"


def test_sizes_that_no_machine_has_are_told(shell: Shell) -> None:
    wide = ("--layers", "1000", "--heads", "64", "--width", "65536", "--context", "64")
    error = shell.refused("pretrain", "--data", "data", *wide, "--out", "none")
    assert error["code"] == "train_too_large"
    assert "TB" in error["message"]
    none = ("--batch", "0")
    assert "from 1 to" in shell.refused("pretrain", "--data", "data", *none, "--out", "none")["hint"]
    odd = ("--width", "30", "--heads", "4")
    assert shell.refused("pretrain", "--data", "data", *odd, "--out", "none")["code"] == "train_bad_shape"


def test_models_that_cannot_learn_here_are_told(shell: Shell) -> None:
    folder = shell.folder
    whole = write_tiny_model(folder / "tiny.gguf").read_bytes()
    (folder / "cut.gguf").write_bytes(whole[: len(whole) // 2])
    (folder / "noise.gguf").write_bytes(b"GGUF" + bytes(200))
    write_random_model(folder / "gemma.gguf", Shape("gemma3", 512, 64, 1, 128, 4, 1, 16, tied=True))
    rows = folder / "rows.jsonl"
    rows.write_text(
        "".join(json.dumps({"text": f"Ana {n}", "label": str(n % 2)}) + "\n" for n in range(9)),
        encoding="utf-8",
    )
    for name, codes in (
        ("cut.gguf", {"train_model_damaged"}),
        ("noise.gguf", {"train_model_damaged"}),
        ("gemma.gguf", {"train_cannot_learn"}),
        ("missing.gguf", {"train_model_damaged"}),
        ("nothing-there", {"train_model_damaged", "train_run_damaged"}),
    ):
        error = shell.refused(
            "finetune", "--base", name, "--data", str(rows), "--kind", "labels", "--out", "none"
        )
        assert error["code"] in codes, (name, error)


def test_a_run_that_was_cut_short_is_told_and_what_is_whole_is_exported(shell: Shell) -> None:
    import shutil

    shutil.copytree(shell.folder / "run", shell.folder / "cut")
    for path in (shell.folder / "cut").glob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-9])
    for words in (("export", "cut", "--out", "x.gguf"), ("evaluate", "cut", "--text", "story.txt")):
        assert shell.refused(*words)["code"] == "train_run_damaged"
    assert not (shell.models / "x.gguf").exists()
    save_file({"other": np.zeros(3, np.float32)}, shell.folder / "cut" / "best.safetensors")
    assert shell.refused("export", "cut", "--out", "x.gguf")["code"] == "train_run_damaged"
    assert shell.refused("pretrain", "--data", "data", *SMALL, "--out", "run")["code"] == "train_run_exists"
