"""What a request says about prompt and drawing, and what is told of the tokens that were drawn.

Values only, a part of `engine.protocol`, which hands them on.
"""

from typing import Any, Literal

import msgspec

Thinking = Literal["automatic", "on", "off"]  # whether a reasoning model thinks before it answers


class Templating(msgspec.Struct, frozen=True):
    """How messages become a prompt.

    `template`: "" for the model's own, the name of one of ours (engine.template_texts), "completion" for no
    template at all: the text is continued as it stands; "custom" for the Jinja text in `source`. `arguments`
    are JSON values that the template reads beside the messages.
    """

    template: str = ""
    source: str = ""
    thinking: Thinking = "automatic"
    arguments: dict[str, Any] = {}


class Bias(msgspec.Struct, frozen=True):
    """Make a token likelier or less likely: by its number, or by a text that is exactly one token.

    `bias` is added to its logit, from -100, which rules it out, to 100.
    """

    token: int | str
    bias: float


class Sampling(msgspec.Struct, frozen=True):
    """How the next token is drawn. `engine.sampling` says what each may be and which silences which.

    Temperature 0 is greedy. Windows (`penalty_tokens`, `dry_tokens`) count back from the last token of the
    reply; -1: the whole of it. `seed` None: drawn by the worker and reported.
    """

    temperature: float = 0.7
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.05
    seed: int | None = None
    typical_p: float = 1.0
    top_n_sigma: float = 0.0
    temperature_range: float = 0.0  # dynamic temperature: so much below and above
    temperature_exponent: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    penalty_tokens: int = 64
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_tokens: int = -1
    dry_breakers: tuple[str, ...] = ("\n", ":", '"', "*")
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    mirostat: int = 0  # 0: off; 1 and 2: its versions
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    logit_bias: tuple[Bias, ...] = ()


class Adapter(msgspec.Struct, frozen=True):
    """A LoRA adapter's GGUF file, and how much of it is added to the model: 0 is nothing, 1 is all."""

    path: str
    scale: float = 1.0


class Alternative(msgspec.Struct, frozen=True, array_like=True):
    """A token that could have been drawn, and its probability, 0 to 1."""

    id: int
    text: str  # U+FFFD where the token is a part of a character
    p: float


class TokenDetail(msgspec.Struct, frozen=True, array_like=True):
    """A token of the reply among its likeliest alternatives, each list from the likeliest down.

    `before`: as the model said it; `after`: as the samplers left it to be drawn from. The token itself
    need not be in either list.
    """

    id: int
    text: str
    p_before: float
    p_after: float
    before: tuple[Alternative, ...]
    after: tuple[Alternative, ...]
