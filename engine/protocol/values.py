"""What frames carry in both directions: messages, templates, models, what a reply cost. No frame itself."""

from typing import Literal

import msgspec

from engine.protocol.reply_values import Adapter, Sampling, Templating

Role = Literal["system", "user", "assistant"]
StopReason = Literal["end", "length", "stop", "cancelled"]
KvType = Literal["f16", "q8_0", "q4_0"]  # how the KV cache is stored
Pooling = Literal["mean", "cls", "last"]  # how the vectors of a text's tokens become one
SteppedDown = Literal["context_tokens", "gpu_layers"]  # lowered after a load that failed


class Message(msgspec.Struct, frozen=True):
    """One turn as the chat template sees it. `thoughts`: what an assistant thought before `content`; only
    a template that asks for them gets them."""

    role: Role
    content: str
    thoughts: str = ""


class TemplateFacts(msgspec.Struct, frozen=True):
    """What a chat template turned out to be when it was tried.

    `why`: what a broken one failed with. `folds_system`: it has no place for a system prompt, which then
    stands in front of the first question. `variables`: what it reads beside the usual ones. `can_think`: one
    of them switches a model's thoughts on and off.
    """

    state: Literal["fine", "none", "broken"]
    why: str = ""
    folds_system: bool = False
    variables: tuple[str, ...] = ()
    can_think: bool = False


class LoadedModel(msgspec.Struct, frozen=True):
    """What is known of a model once it is loaded."""

    path: str
    name: str
    architecture: str
    parameters: int
    size_bytes: int
    context_tokens: int
    trained_context_tokens: int
    layers: int
    gpu_layers: int
    devices: tuple[str, ...]
    has_chat_template: bool
    kv_type: KvType = "f16"
    stepped_down: tuple[SteppedDown, ...] = ()
    wanted_context_tokens: int = 0  # what it could have had; more than it has where memory was short
    vocabulary_only: bool = False  # it counts and renders; `context_tokens` is what it would get
    template: TemplateFacts | None = None
    suggested_template: str = ""  # one of ours whose markers its vocabulary knows, for a file without one


class ReplyRecord(msgspec.Struct, frozen=True):
    """What a reply was made with: enough to ask for the same again.

    Same model, record and prompt, a cold cache and no speculation give the same reply.
    """

    sampling: Sampling  # its seed is the one that was used
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    grammar: str = ""
    json_schema: str = ""
    adapters: tuple[Adapter, ...] = ()
    templating: Templating = Templating()
    runtime: str = ""
    model: str = ""  # its path
    kv_type: KvType = "f16"
    context_tokens: int = 0
    gpu_layers: int = 0
    threads: int = 0  # at most: other programs may have had a core meanwhile
    batch_tokens: int = 0
    speculate: bool = False
    begun: bool = False  # it did not begin at its beginning: a part of it was given


class Stats(msgspec.Struct, frozen=True):
    """What a reply cost. `ttft_s` counts from the worker taking up the request to its first token.

    `parts`: of a reply that went on after it had ended, what each time cost; the core puts them together.
    """

    prompt_tokens: int
    reused_tokens: int
    generated_tokens: int
    ttft_s: float
    tokens_per_s: float
    stop_reason: StopReason
    seed: int
    drafted_tokens: int = 0  # guessed ahead
    accepted_tokens: int = 0  # of these, the ones that the model wrote
    record: ReplyRecord | None = None
    thought_tokens: int = 0  # of the generated ones
    parts: "tuple[Stats, ...]" = ()

    @property
    def repeatable(self) -> bool:
        """Whether the record alone gives this reply again: nothing was reused, nothing guessed ahead."""
        if self.record is None or self.record.begun:
            return False
        return not self.reused_tokens and not self.drafted_tokens


class PromptToken(msgspec.Struct, frozen=True, array_like=True):
    """A token of a prompt as the template writes it; part of a character shows as U+FFFD.

    `message`: whose text it is, -1 for the template's own; `segment`: which piece of that message.
    """

    id: int
    text: str
    message: int = -1
    segment: int = 0


class TensorShare(msgspec.Struct, frozen=True):
    """How many tensors are of one type, such as "Q5_0", and how many weights they have together."""

    type: str
    tensors: int
    weights: int


class LoadedEmbedder(msgspec.Struct, frozen=True):
    """What is known of an embedding model once it is loaded."""

    path: str
    name: str
    architecture: str
    dimensions: int
    text_tokens: int  # of a text at most; what is longer loses its end
    trained_context_tokens: int
    pooling: Pooling
    size_bytes: int
    devices: tuple[str, ...]
    fingerprint: str  # vectors of different fingerprints must not be compared
