"""The conversions of the embedding model: a tiny file made here, and the real one in its three forms."""

import json
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import e5_onnx
import e5_weights
import numpy as np
import pytest
from numpy.typing import NDArray

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS, SPARE = 64, 2, 2, 128, 16, 3
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁ticket", "▁cost", "<mask>"]
VOCABULARY = len(PIECES) + SPARE


def _q4(matrix: NDArray[np.float32]) -> bytes:
    """Q4_0 blocks of a matrix, as ggml writes them."""
    blocks = matrix.reshape(-1, 32)
    scale = (np.abs(blocks).max(axis=1) / 7).astype("<f2")
    values = np.clip(np.rint(blocks / scale[:, None].astype(np.float32)) + 8, 0, 15).astype(np.uint8)
    packed = values[:, :16] | (values[:, 16:] << 4)
    return np.concatenate([scale.view(np.uint8).reshape(-1, 2), packed], axis=1).tobytes()


def _tensors() -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(7)

    def normal(*shape: int) -> NDArray[np.float32]:
        return random.normal(0, 0.3, shape).astype(np.float32)

    tensors = {
        "emb.word": normal(VOCABULARY, HIDDEN),
        "emb.pos": normal(POSITIONS, HIDDEN),
        "emb.type": normal(2, HIDDEN),
        "emb.ln.w": normal(HIDDEN) + 1,
        "emb.ln.b": normal(HIDDEN),
    }
    for layer in range(LAYERS):
        shapes = {"q": (HIDDEN, HIDDEN), "k": (HIDDEN, HIDDEN), "v": (HIDDEN, HIDDEN), "ao": (HIDDEN, HIDDEN)}
        shapes |= {"fi": (WIDE, HIDDEN), "fo": (HIDDEN, WIDE)}
        for name, shape in shapes.items():
            tensors[f"l{layer}.{name}.w"] = normal(*shape)
            tensors[f"l{layer}.{name}.b"] = normal(shape[0])
        for name in ("aln", "oln"):
            tensors[f"l{layer}.{name}.w"] = normal(HIDDEN) + 1
            tensors[f"l{layer}.{name}.b"] = normal(HIDDEN)
    return tensors


def _write(path: Path) -> None:
    """A file in the layout of e5-small-q4.bin, with a network of two layers."""
    text = [piece.encode() for piece in PIECES]
    starts = np.cumsum([0, *map(len, text)]).astype("<u4")
    head = struct.pack(
        "<4sI7ifi", b"E5S1", 1, HIDDEN, LAYERS, HEADS, WIDE, VOCABULARY, POSITIONS, 2, 1e-12, 32
    )
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(starts[-1])) + starts.tobytes()
    head += np.zeros(len(PIECES), "<f4").tobytes() + b"".join(text) + struct.pack("<iI", 0, 0)
    tensors = _tensors()
    table_bytes = 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name in tensors)
    offset = (len(head) + table_bytes + 63) // 64 * 64
    table, body = struct.pack("<i", len(tensors)), b""
    for name, values in tensors.items():
        matrix = values.ndim == 2 and name not in ("emb.pos", "emb.type")
        raw = _q4(values) if matrix else values.tobytes()
        table += struct.pack(f"<H{len(name)}s", len(name), name.encode())
        table += struct.pack("<BIQQ", int(matrix), values.size, offset + len(body), len(raw))
        body += raw
    path.write_bytes((head + table).ljust(offset, b"\0") + body)


@pytest.fixture
def weights(tmp_path: Path) -> e5_weights.Weights:
    path = tmp_path / "tiny.bin"
    _write(path)
    return e5_weights.Weights(path)


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    path = tmp_path / "published.json"
    charsmap = {"type": "Precompiled", "precompiled_charsmap": "AAECAw=="}
    content = {
        "version": "1.0",
        "normalizer": {"type": "Sequence", "normalizers": [charsmap]},
        "pre_tokenizer": {"type": "Metaspace"},
        "model": {"type": "Unigram"},
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _ignore(_share: float) -> None:
    pass


def _linear(weights: e5_weights.Weights, name: str, x: NDArray[np.float32]) -> Any:
    return x @ weights.tensor(f"{name}.w").T + weights.tensor(f"{name}.b")


def _norm(weights: e5_weights.Weights, name: str, x: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + weights.shape.epsilon)
    return centred / spread * weights.tensor(f"{name}.w") + weights.tensor(f"{name}.b")


def _bert(weights: e5_weights.Weights, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Any:
    """BERT written out plainly (Devlin et al. 2018), the yardstick: ids (batch, tokens) to hidden states."""
    from math import erf

    x = weights.tensor("emb.word")[ids] + weights.tensor("emb.pos")[: ids.shape[1]]
    x = _norm(weights, "emb.ln", x + weights.tensor("emb.type")[0])
    batch, tokens, hidden = x.shape
    width = hidden // weights.shape.heads
    for layer in range(weights.shape.layers):
        q, k, v = (
            _linear(weights, f"l{layer}.{part}", x).reshape(batch, tokens, -1, width).swapaxes(1, 2)
            for part in "qkv"
        )
        scores = q @ k.swapaxes(2, 3) / np.sqrt(width) + np.where(mask, 0, -1e9)[:, None, None, :]
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (shares / shares.sum(-1, keepdims=True) @ v).swapaxes(1, 2).reshape(batch, tokens, hidden)
        x = _norm(weights, f"l{layer}.aln", _linear(weights, f"l{layer}.ao", mixed) + x)
        wide = _linear(weights, f"l{layer}.fi", x)
        wide *= 0.5 * (1 + np.vectorize(erf)(wide / np.sqrt(2)))
        x = _norm(weights, f"l{layer}.oln", _linear(weights, f"l{layer}.fo", wide) + x)
    return x


def _cosines(a: Any, b: Any) -> Any:
    return (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)


def test_q4_blocks_are_read_as_ggml_reads_them() -> None:
    import gguf

    matrix = np.random.default_rng(1).normal(size=(4, 64)).astype(np.float32)
    blocks = gguf.quants.quantize(matrix, gguf.GGMLQuantizationType.Q4_0)
    expected = gguf.quants.dequantize(blocks, gguf.GGMLQuantizationType.Q4_0)
    assert np.array_equal(e5_weights.dequantize(blocks), expected)


def test_the_file_gives_its_tensors_and_pieces(weights: e5_weights.Weights) -> None:
    made = _tensors()
    assert weights.pieces == PIECES
    assert np.array_equal(weights.tensor("l1.oln.b"), made["l1.oln.b"])
    assert np.array_equal(weights.tensor("emb.pos"), made["emb.pos"])
    assert weights.tensor("l0.fo.w").shape == (HIDDEN, WIDE)
    assert np.abs(weights.tensor("l0.fo.w") - made["l0.fo.w"]).max() < 0.2


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(e5_weights.NotTheFile):
        e5_weights.Weights(path)


def test_the_graph_computes_bert_and_ignores_padding(weights: e5_weights.Weights) -> None:
    import onnxruntime

    model = e5_onnx.build(weights, _ignore)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ids = np.array([[0, 4, 5, 4, 2], [0, 5, 2, 1, 1]], np.int64)
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]], np.int64)
    (got,) = session.run(None, {"input_ids": ids, "attention_mask": mask})
    assert _cosines(got, _bert(weights, ids, mask))[mask == 1].min() > 0.995
    (alone,) = session.run(None, {"input_ids": ids[1:, :3], "attention_mask": mask[1:, :3]})
    # not equal: activations are quantized by the range of their whole batch
    assert _cosines(alone[0], got[1, :3]).min() > 0.995


def test_the_graph_is_the_same_bytes_every_time(weights: e5_weights.Weights, tmp_path: Path) -> None:
    e5_onnx.write_onnx(weights, tmp_path / "a.onnx", _ignore)
    e5_onnx.write_onnx(weights, tmp_path / "b.onnx", _ignore)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_weights_of_a_product_keep_to_seven_bits() -> None:
    values, scale = e5_onnx.quantize_rows(np.array([[0.5, -2.0], [0.0, 0.0]], np.float32))
    assert np.array_equal(values, [[16, -63], [0, 0]])
    assert scale[0] == pytest.approx(2 / 63)


def test_the_folder_holds_what_sentence_transformers_reads(
    weights: e5_weights.Weights, tokenizer: Path, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file

    folder = tmp_path / "folder"
    shares: list[float] = []
    e5_weights.write_folder(weights, tokenizer, folder, shares.append)
    tensors = load_file(folder / "model.safetensors")
    query = tensors["encoder.layer.1.attention.self.query.weight"]
    assert np.array_equal(query, weights.tensor("l1.q.w"))
    assert tensors["embeddings.position_embeddings.weight"].shape == (POSITIONS, HIDDEN)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (config["max_position_embeddings"], config["vocab_size"]) == (POSITIONS, VOCABULARY)
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text(encoding="utf-8"))
    assert pooling["pooling_mode_mean_tokens"]
    written = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    assert written["pre_tokenizer"]["pretokenizers"][0]["type"] == "WhitespaceSplit"
    assert shares[-1] == 1
    assert shares == sorted(shares)


def test_the_gguf_carries_the_blocks_untouched_and_the_tokenizer(
    weights: e5_weights.Weights, tokenizer: Path, tmp_path: Path
) -> None:
    import gguf

    path = tmp_path / "tiny.gguf"
    e5_weights.write_gguf(weights, tokenizer, path, _ignore)
    reader = gguf.GGUFReader(path)
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    assert tensors["blk.1.ffn_down.weight"].data.tobytes() == weights.blocks("l1.fo.w").tobytes()
    assert tensors["token_embd.weight"].tensor_type == gguf.GGMLQuantizationType.Q4_0
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.architecture"] == "bert"
    assert fields["bert.pooling_type"] == gguf.PoolingType.MEAN
    assert fields["tokenizer.ggml.precompiled_charsmap"] == [0, 1, 2, 3]
    assert fields["tokenizer.ggml.tokens"][:7] == PIECES
    assert len(fields["tokenizer.ggml.tokens"]) == VOCABULARY


# --- the real model --------------------------------------------------------------------------------------

TEXTS = [
    "query: How much does a ticket cost?",
    "query: ¿Cuánto cuesta una entrada?",
    "passage: A single ticket costs 4.50 euros; children under six travel free.",
    "passage: The museum opens at nine in the morning and closes on Mondays.",
    "passage: El gato duerme sobre la mesa de la cocina, junto a la ventana.",
    "passage: Debian is a free operating system; it includes a kernel and many programs.",
    "passage: apt-get fetches a package and what it needs.  Two  spaces, ﬁne ligature, 20 °C. ",
    "passage: " + "La lluvia en Sevilla es una maravilla. " * 20,
    "passage: def main():\n    return 42\n",
    "passage: Größe, naïve café, año; «¿qué tal?» — bien",
    "query: ¿cómo instalo un paquete?",
    "passage: Los billetes de tren se compran en la estación o por internet.",
]
REFERENCE = """
import json, sys
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True)
texts = json.loads(sys.argv[2])
print(json.dumps([model.encode(texts).tolist(), [model.tokenizer(text)["input_ids"] for text in texts]]))
"""
LLAMA = """
import json, sys, llama_cpp
model = llama_cpp.Llama(sys.argv[1], embedding=True, n_ctx=512, n_batch=512, n_ubatch=512, verbose=False,
    pooling_type=llama_cpp.LLAMA_POOLING_TYPE_MEAN)
texts = json.loads(sys.argv[2])
tokens = [model.tokenize(text.encode(), add_bos=True, special=False) for text in texts]
print(json.dumps([[model.embed(text, normalize=True) for text in texts], tokens]))
"""


def _in_a_process(code: str, model: Path) -> tuple[Any, list[list[int]]]:
    # torch takes seconds to load, and llama.cpp may end its process
    command = [sys.executable, "-c", code, str(model), json.dumps(TEXTS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    vectors, tokens = json.loads(done.stdout.splitlines()[-1])
    return np.array(vectors), tokens


@pytest.mark.models
@pytest.mark.slow
def test_all_three_forms_of_the_real_model_agree(embedding_model: Path) -> None:
    import onnxruntime
    from tokenizers import Tokenizer

    expected, tokens = _in_a_process(REFERENCE, embedding_model)
    gguf = embedding_model.with_name("multilingual-e5-small.Q4_0.gguf")
    vectors, llama_tokens = _in_a_process(LLAMA, gguf)
    tokenizer = Tokenizer.from_file(str(embedding_model / "tokenizer.json"))
    assert [tokenizer.encode(text).ids for text in TEXTS] == tokens == llama_tokens
    assert _cosines(vectors, expected).mean() >= 0.999

    model = embedding_model / "onnx" / "model_int8.onnx"
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    quantized = []
    for ids in tokens:
        feed = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), np.int64)}
        quantized.append(session.run(None, feed)[0][0].mean(axis=0))
    assert _cosines(np.array(quantized), expected).mean() >= 0.98

    # the Spanish question is nearest to its English passage, in every form
    for form in (expected, vectors, np.array(quantized)):
        near = _cosines(form[1], form[2:7])
        assert near.argmax() == 0
