"""The engine's error tree. Codes and parameters only: words are chosen where a person reads them."""

from typing import ClassVar

import msgspec

Param = str | int | float


class ErrorInfo(msgspec.Struct, frozen=True):
    """An error as it crosses a process border: code, parameters, and native detail for the log."""

    code: str
    params: dict[str, Param] = {}
    detail: str = ""


class EngineError(Exception):
    """Root of what the engine can refuse or fail at."""

    code: ClassVar[str] = "engine_error"

    def __init__(self, detail: str = "", **params: Param) -> None:
        super().__init__(f"{self.code} {params} {detail}".strip())
        self.params = params
        self.detail = detail

    def info(self) -> ErrorInfo:
        return ErrorInfo(self.code, dict(self.params), self.detail)


class ModelFileError(EngineError):
    """The file cannot be a model that we load. Every subclass carries `path`."""

    code = "model_file"


class ModelMissing(ModelFileError):
    """No file stands at {path}."""

    code = "model_missing"


class ModelUnreadable(ModelFileError):
    """{path} may not be read by this user."""

    code = "model_unreadable"


class ModelNameUnreadable(ModelFileError):
    """{path} is not UTF-8 text, which no frame can carry; {path} says it as well as can be."""

    code = "model_name"


class ModelEmpty(ModelFileError):
    """{path} has no bytes."""

    code = "model_empty"


class NotGguf(ModelFileError):
    """{path} does not begin as a GGUF file does."""

    code = "model_not_gguf"


class ModelTruncated(ModelFileError):
    """{path} ends too early: by {missing_bytes} bytes, where its header got as far as to promise them."""

    code = "model_truncated"


class ModelDamaged(ModelFileError):
    """{path} has a header that contradicts itself: `detail` says where."""

    code = "model_damaged"


class ModelCannotChat(ModelFileError):
    """{path} embeds text and cannot write any."""

    code = "model_cannot_chat"


class ModelCannotEmbed(ModelFileError):
    """{path} does not say how a text becomes a vector: it writes text, or lacks that."""

    code = "model_cannot_embed"


class ModelRanks(ModelFileError):
    """{path} judges how well two texts fit together and gives no vectors."""

    code = "model_ranks"


class EmbeddingUndefined(ModelFileError):
    """{path} answers with vectors that are no numbers: its weights are broken."""

    code = "embedding_undefined"


class NoEmbedderLoaded(EngineError):
    code = "no_embedder_loaded"


class ModelIsAdapter(ModelFileError):
    """{path} changes a model and is none."""

    code = "model_is_adapter"


class ModelIsProjector(ModelFileError):
    """{path} is the half of a model that looks at pictures."""

    code = "model_is_projector"


class ModelIsMatrix(ModelFileError):
    """{path} holds what was measured of a model, for quantizing it."""

    code = "model_is_matrix"


class ModelUnknown(ModelFileError):
    """This llama.cpp knows no model of {architecture}."""

    code = "model_unknown"


class ModelLoadFailed(ModelFileError):
    """llama.cpp refused {path}; `detail` has its last words."""

    code = "model_load_failed"


class ModelTooLarge(ModelFileError):
    """{path} needs {needed_bytes} of the machine's own memory; {free_bytes} may be taken."""

    code = "model_too_large"


class NoModelLoaded(EngineError):
    code = "no_model_loaded"


class NoChatTemplate(EngineError):
    """{model} has no chat template, so it cannot hold a conversation."""

    code = "no_chat_template"


class BadChatTemplate(EngineError):
    """{model}'s chat template failed to render; `detail` says how."""

    code = "bad_chat_template"


class UnknownTemplate(EngineError):
    """There is no template of ours called {name}."""

    code = "unknown_template"


class BadTemplateArguments(EngineError):
    """{model}'s chat template works without {names} and fails with them; `detail` says how."""

    code = "bad_template_arguments"


class ContextFull(EngineError):
    """The prompt needs {needed_tokens} tokens; {limit_tokens} fit."""

    code = "context_full"


class BadSetting(EngineError):
    """{name} is {value}; it must lie between {low} and {high}."""

    code = "bad_setting"


class DeviceUnknown(EngineError):
    """There is no GPU called {device}; {known} lists those there are, where there are any."""

    code = "device_unknown"


class RuntimeUnusable(EngineError):
    """llama.cpp in {folder} cannot be used: it is incomplete or does not load; `detail` says why."""

    code = "runtime_unusable"


class RuntimeMissing(RuntimeUnusable):
    """There is no runtime in {folder}."""

    code = "runtime_missing"


class RuntimeOtherVersion(RuntimeUnusable):
    """{folder} was made for {version} on {machine}; this is {needed} on {here}."""

    code = "runtime_version"


class RuntimeWithoutGpu(RuntimeUnusable):
    """{folder} is for a GPU, and none answers."""

    code = "runtime_no_gpu"


class RuntimeFailed(RuntimeUnusable):
    """{runtime} took its process down before it had loaded anything: {how}."""

    code = "runtime_failed"


class TextEmpty(EngineError):
    """{name} is a list of texts, and one of them is empty or has a zero character in it."""

    code = "text_empty"


class TextTooLong(EngineError):
    """A text of {name} has {length} characters; {limit} are allowed."""

    code = "text_too_long"


class TooManyTexts(EngineError):
    """{name} has {count} texts; {limit} are allowed."""

    code = "too_many_texts"


class NoSuchToken(EngineError):
    """A bias names token {token}; the model has {vocabulary} tokens, numbered from 0."""

    code = "no_such_token"


class NotOneToken(EngineError):
    """A bias names {text}, which is {tokens} tokens of this model."""

    code = "not_one_token"


class BadGrammar(EngineError):
    """A grammar cannot be followed: {reason}, with {name} where one is concerned, at {line} and {column}."""

    code = "bad_grammar"


class BadSchema(EngineError):
    """A JSON schema cannot be followed: {reason}, with {name} where one is concerned, at {place}."""

    code = "bad_schema"


class GrammarStuck(EngineError):
    """No token of the model goes on as the grammar wants it."""

    code = "grammar_stuck"


class BadAdapter(EngineError):
    """{path} is no LoRA adapter that {model} takes: {reason}, with {name} where one is concerned."""

    code = "bad_adapter"


class Busy(EngineError):
    """Another request is running."""

    code = "engine_busy"


class Cancelled(EngineError):
    """A load or a count was stopped because somebody asked."""

    code = "cancelled"


class DecodeFailed(EngineError):
    """llama_decode answered {status}."""

    code = "decode_failed"


class NoMemory(EngineError):
    """The system gives the engine no more memory."""

    code = "no_memory"


class EngineDied(EngineError):
    """The worker process ended: {how}; `detail` has its last log lines."""

    code = "engine_died"


class EngineStartFailed(EngineError):
    """The worker process could not be started or did not answer."""

    code = "engine_start_failed"


class UnknownQuantization(EngineError):
    """{name} is no type that a model can be quantized to here."""

    code = "unknown_quantization"


class QuantizationNeedsMatrix(EngineError):
    """llama.cpp makes {name} only with an importance matrix."""

    code = "quantization_needs_matrix"


class QuantizeFailed(EngineError):
    """llama.cpp did not quantize {path}; `detail` has its last words."""

    code = "quantize_failed"


class TextTooShort(EngineError):
    """A text of {found_tokens} tokens; a perplexity takes {needed_tokens}."""

    code = "text_too_short"


class ModelNotQuantizable(ModelFileError):
    """{path} is no whole language model: an adapter, or the half of a model that sees pictures."""

    code = "model_not_quantizable"


class PerplexityUndefined(ModelFileError):
    """{path} answers with what is no number: its weights are broken."""

    code = "perplexity_undefined"
