"""Tiny cross-encoders in real formats: an ONNX graph whose words have weights, a BERT with random ones."""

import json
import string
from collections.abc import Mapping
from pathlib import Path

CONFIG = {"architectures": ["BertForSequenceClassification"], "num_labels": 1, "max_position_embeddings": 128}
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def write_onnx(folder: Path, weights: Mapping[str, float], columns: int = 1) -> Path:
    """A model in ONNX form: the score of a pair is the sum of its passage's words' weights."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    words = [*_SPECIAL, *weights]
    table = np.array(
        [[0.0] * columns] * len(_SPECIAL) + [[w] * columns for w in weights.values()], np.float32
    )
    of_pair = ["batch", "tokens"]
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["each"]),
        helper.make_node("Cast", ["token_type_ids"], ["kinds"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["kinds", "last"], ["counted"]),
        helper.make_node("Mul", ["each", "counted"], ["of_passage"]),
        helper.make_node("ReduceSum", ["of_passage", "tokens_axis"], ["logits"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "cross-encoder",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, of_pair)
            for name in ("input_ids", "token_type_ids")
        ],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", columns])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([2], np.int64), "last"),
            numpy_helper.from_array(np.array([1], np.int64), "tokens_axis"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (folder / "onnx").mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(folder / "onnx" / "model.onnx"))
    _tokenizer(words).save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text(json.dumps(CONFIG), "utf-8")
    return folder


def write_bert(folder: Path, labels: int = 1, *, embeds: bool = False) -> Path:
    """A folder as sentence-transformers keeps a cross-encoder; `embeds`: one without a layer that scores."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        BertModel,
        PreTrainedTokenizerFast,
    )

    torch.manual_seed(5)
    words = [*_SPECIAL, *string.ascii_lowercase, *(f"##{letter}" for letter in string.ascii_lowercase)]
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=labels,
        initializer_range=0.5,
    )
    model = BertModel(config) if embeds else BertForSequenceClassification(config)
    model.save_pretrained(folder)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_tokenizer(words),
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer(words: list[str]):  # type: ignore[no-untyped-def]
    """WordPiece over these, and a pair as BERT reads it."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {word: number for number, word in enumerate(words)}
    made = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    return made
