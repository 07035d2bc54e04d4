"""`sobremesa models download NAME --search` as a person types it: a real model finds passages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.hub_server import HubServer
from tests.process.hub_house import hub

__all__ = ["hub"]  # a fixture
pytestmark = [pytest.mark.loopback, pytest.mark.slow]

REPOSITORY = "ana/tiny-sentences"
PATIENCE_S = 240.0  # two starts of PyTorch on a busy machine
TEXT = "the harbour opens at nine every morning"

# in a process of its own: the tests' own must not hold PyTorch
WRITE = """
import sys
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
import torch

folder, words = sys.argv[1], sys.argv[2:]
names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(words)]
tokenizer = Tokenizer(models.WordLevel({name: at for at, name in enumerate(names)}, unk_token="[UNK]"))
tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
torch.manual_seed(1)
plain = folder + "/plain"
config = BertConfig(vocab_size=len(names), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
    intermediate_size=16, max_position_embeddings=64)
BertModel(config).save_pretrained(plain)
marks = {"pad_token": "[PAD]", "unk_token": "[UNK]"}
PreTrainedTokenizerFast(tokenizer_object=tokenizer, **marks).save_pretrained(plain)
transformer = Transformer(plain, max_seq_length=64)
SentenceTransformer(modules=[transformer, Pooling(16)]).save(folder + "/whole")
"""


def run(*words: str, env: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
        env={**os.environ, **env},
        cwd=Path(__file__).parents[2],
    )


def test_a_repository_of_sentence_transformers_is_brought_by_its_name_and_finds_passages(
    tmp_path: Path, hub: HubServer
) -> None:
    made = run("-c", WRITE, str(tmp_path), *TEXT.split(), env={"HF_HUB_OFFLINE": "1"})
    assert made.returncode == 0, made.stderr
    for path in (tmp_path / "whole").rglob("*"):
        if path.is_file():
            name = path.relative_to(tmp_path / "whole").as_posix()
            hub.put(REPOSITORY, name, path.read_bytes(), small=path.suffix != ".safetensors")
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "settings.json").write_text(json.dumps({"hub_address": hub.address}))
    (tmp_path / "harbour.txt").write_text(TEXT)

    def shell(*words: str) -> "subprocess.CompletedProcess[str]":
        env = {"LANGUAGE": "en", "SOBREMESA_MODELS": str(tmp_path / "models")}
        return run("-m", "desktop", *words, "--data-dir", str(data), env=env)

    offline = shell("models", "download", REPOSITORY, "--search")
    assert (offline.returncode, hub.connections) == (1, 0)
    assert "“Offline”" in offline.stderr
    listed = shell("models", "download", REPOSITORY, "--search", "--list", "--online")
    assert "model.safetensors: " in listed.stdout
    assert "All of it: " in listed.stdout
    done = shell("models", "download", REPOSITORY, "--search", "--online", "--json")
    assert done.returncode == 0, done.stdout
    brought = json.loads(done.stdout)["search_model"]
    assert brought["form"] == "sentence-transformers"
    assert json.loads((data / "settings.json").read_text())["embedder_path"] == brought["path"]
    connections = hub.connections
    assert shell("index", str(tmp_path / "harbour.txt")).returncode == 0
    found = json.loads(shell("search", TEXT, "--json").stdout)
    assert [hit["text"] for hit in found["results"]] == [TEXT]
    stored = b"".join(path.read_bytes() for path in data.rglob("library.db*"))
    assert b"sentence-transformers" in stored, "the fingerprint of the model whose vectors these are"
    assert hub.connections == connections, "the model is loaded from this machine alone"
