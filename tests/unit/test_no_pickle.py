"""Nothing that is read can run: no pickle, no code from data, held over the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.embedding.folder import inspect
from rag.errors import EmbedderPickle

ROOT = Path(__file__).parents[2]
MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "jsonpickle"}
# (what it is called on, its name): Connection.recv and .send pickle, their _bytes twins do not
CALLS = {
    ("torch", "load"),
    ("yaml", "load"),
    ("yaml", "unsafe_load"),
    ("pandas", "read_pickle"),
    ("np", "fromfile"),
    ("channel", "recv"),
    ("channel", "send"),
    ("connection", "recv"),
    ("connection", "send"),
    ("_connection", "recv"),
    ("_connection", "send"),
}
BARE = {"eval", "exec", "compile", "__import__"}


def found(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in BARE:
                yield node.func.id
            if isinstance(node.func, ast.Attribute):
                on = getattr(node.func.value, "id", getattr(node.func.value, "attr", ""))
                if (on, node.func.attr) in CALLS:
                    yield f"{on}.{node.func.attr}"
            for word in node.keywords:
                if word.arg in ("allow_pickle", "trust_remote_code") and ast.unparse(word.value) != "False":
                    yield f"{word.arg}={ast.unparse(word.value)}"


def test_no_module_reads_a_pickle_or_runs_what_it_reads() -> None:
    files = [file for package in ("desktop", "engine", "rag") for file in (ROOT / package).rglob("*.py")]
    assert len(files) > 300
    told = [f"{file.relative_to(ROOT)}: {what}" for file in files for what in found(file)]
    assert told == []


def test_the_look_over_the_source_sees_what_it_looks_for(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text("import pickle\nnp.load(f, allow_pickle=True)\nself.channel.recv()\neval('1')\n")
    assert set(found(file)) == {"pickle", "allow_pickle=True", "channel.recv", "eval"}


@pytest.mark.parametrize("name", ["pytorch_model.bin", "2_Dense/pytorch_model.bin"])
def test_a_search_model_whose_weights_are_a_pickle_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "config.json").write_text("{}")
    weights = tmp_path / name
    weights.parent.mkdir(exist_ok=True)
    weights.write_bytes(b"\x80\x04" + bytes(4096))
    if weights.parent != tmp_path:
        (tmp_path / "model.safetensors").write_bytes(bytes(4096))
    with pytest.raises(EmbedderPickle):
        inspect(tmp_path)


def test_a_pickle_beside_plain_weights_is_never_read_and_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(bytes(4096))
    (tmp_path / "model.safetensors").write_bytes(bytes(4096))
    assert inspect(tmp_path).weights.name == "model.safetensors"
