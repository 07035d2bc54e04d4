"""The shape of a model that is trained here, checked, with its parameters and operations counted by part."""

from typing import Any, Final, Literal

import msgspec

from engine.train.errors import BadShape

Norm = Literal["rms", "layer"]
Positions = Literal["rope", "learned"]
Activation = Literal["swiglu", "gelu"]
Kind = Literal["decoder", "encoder", "encoder_decoder"]

LIMIT: Final = 1 << 20  # of any single size: beyond it is a slip of the keys


class ModelConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Every size of a model. The defaults draw Llama; `gpt`, `bert` and `first_transformer` the older ones.

    A Llama-shaped decoder can leave as GGUF and chat; what the others learn stays in the workshop.
    """

    vocab: int  # tokens the model knows
    context: int  # tokens it sees at once
    layers: int
    width: int  # of the vector that stands for a token
    heads: int
    kv_heads: int = 0  # heads of keys and values, shared by groups of query heads; 0: as many as heads
    hidden: int = 0  # width inside the feed-forward part; 0: 8/3 of `width` (SwiGLU) or 4 times it (GELU)
    kind: Kind = "decoder"
    norm: Norm = "rms"
    positions: Positions = "rope"
    activation: Activation = "swiglu"
    bias: bool = False  # in every linear map and in LayerNorm
    tied: bool = True  # the output layer is the embedding table again
    rope_base: float = 10_000.0
    norm_epsilon: float = 1e-5

    def __post_init__(self) -> None:
        """Raises BadShape for sizes of which no model can be made."""
        for name in ("vocab", "context", "layers", "width", "heads"):
            if not 1 <= getattr(self, name) <= LIMIT:
                raise BadShape(name=name, value=getattr(self, name), low=1, high=LIMIT)
        if self.width % self.heads:
            raise BadShape(f"width {self.width}, heads {self.heads}", name="width", value=self.width)
        if self.positions == "rope" and self.head_width % 2:
            raise BadShape(f"heads of {self.head_width}", name="width", value=self.width)
        if self.heads % self.key_heads:
            raise BadShape(f"heads {self.heads}", name="kv_heads", value=self.kv_heads)

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def key_heads(self) -> int:
        """Heads of keys and values: fewer than `heads` is grouped-query attention (arXiv:2305.13245)."""
        return self.kv_heads or self.heads

    @property
    def inner(self) -> int:
        """Width inside the feed-forward part. SwiGLU has three matrices instead of two: hence 8/3
        (arXiv:2002.05202), rounded up to a multiple of 32, which Q8_0 asks for."""
        if self.hidden:
            return self.hidden
        wanted = 4 * self.width if self.activation == "gelu" else 8 * self.width // 3
        return -(-wanted // 32) * 32

    @property
    def causal(self) -> bool:
        return self.kind != "encoder"

    @property
    def llama_shaped(self) -> bool:
        """Whether llama.cpp's `llama` architecture computes the same, so that the model can leave as GGUF."""
        return (self.kind, self.norm, self.positions, self.activation, self.bias) == (
            "decoder",
            "rms",
            "rope",
            "swiglu",
            False,
        )


OLDER: Final[dict[str, Any]] = {"norm": "layer", "positions": "learned", "activation": "gelu", "bias": True}


def gpt(**sizes: Any) -> ModelConfig:
    """As GPT-2 is drawn: LayerNorm, learned positions, GELU, biases.
    https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
    """
    return msgspec.convert({**OLDER, **sizes}, ModelConfig)


def bert(**sizes: Any) -> ModelConfig:
    """As BERT sees a text, both ways (arXiv:1810.04805); normed before each part, as GPT-2 is, not after."""
    return msgspec.convert({"kind": "encoder", **OLDER, **sizes}, ModelConfig)


def first_transformer(**sizes: Any) -> ModelConfig:
    """The encoder and decoder of the first Transformer (arXiv:1706.03762), normed before each part, with
    learned positions in the place of sines."""
    return msgspec.convert({"kind": "encoder_decoder", **OLDER, **sizes}, ModelConfig)
