"""Sample values for fakes, tests and the gallery: models, documents, excerpts. No behaviour."""

import time

from msgspec.structs import replace

from desktop.core.types import Excerpt, Problem
from desktop.core.types.models import ModelFile
from engine.protocol import LoadedModel, ReplyRecord, Sampling, Stats, TemplateFacts
from rag.errors import ErrorInfo
from rag.protocol import Box, DocumentInfo

SMOLLM = "/home/ana/.local/share/sobremesa/models/SmolLM2-135M-Instruct.Q4_1.gguf"
QWEN = "/home/ana/.local/share/sobremesa/models/Qwen3-4B-Instruct.Q4_K_M.gguf"
BROKEN = "/home/ana/.local/share/sobremesa/models/half-a-download.gguf"
MUSEUM = "/home/ana/Documents/museum.pdf"

STATS = Stats(
    prompt_tokens=412,
    reused_tokens=380,
    generated_tokens=57,
    ttft_s=0.31,
    tokens_per_s=48.2,
    stop_reason="end",
    seed=7,
    record=ReplyRecord(
        Sampling(seed=7), runtime="fake", model=SMOLLM, context_tokens=8192, threads=2, batch_tokens=512
    ),
)

MODELS = (
    ModelFile(
        path=SMOLLM,
        name="SmolLM2-135M-Instruct",
        architecture="llama",
        parameters=134_515_008,
        quantization="Q4_1",
        trained_context_tokens=8192,
        layers=30,
        size_bytes=98_000_000,
        has_chat_template=True,
        licence="apache-2.0",
    ),
    ModelFile(
        path=QWEN,
        name="Qwen3 4B Instruct",
        architecture="qwen3",
        parameters=4_022_468_096,
        quantization="Q4_K_M",
        trained_context_tokens=32_768,
        layers=36,
        size_bytes=2_497_000_000,
        has_chat_template=True,
        licence="apache-2.0",
    ),
    ModelFile(
        path=BROKEN,
        name="half-a-download",
        size_bytes=1_200_000,
        problem=Problem("model_truncated", {"path": BROKEN, "missing_bytes": 96_800_000}),
    ),
)

THEIRS = ModelFile(
    path="/home/ana/.ollama/models/blobs/sha256-" + "2b" * 32,
    name="qwen2.5:7b",
    architecture="qwen2",
    parameters=7_615_616_512,
    quantization="Q4_K_M",
    trained_context_tokens=32_768,
    layers=28,
    size_bytes=4_683_073_184,
    has_chat_template=True,
    licence="apache-2.0",
    source="ollama",
    label="qwen2.5:7b",
)
"""A model that another program keeps."""

BASE = ModelFile(
    path="/home/ana/.local/share/sobremesa/models/gemma-3-270m-Q8_0.gguf",
    name="Gemma 3 270M",
    architecture="gemma3",
    parameters=268_098_176,
    quantization="Q8_0",
    trained_context_tokens=32_768,
    layers=18,
    size_bytes=292_000_000,
    licence="gemma",
)
"""A base model: it has no chat template."""

HUGE = ModelFile(
    path="/home/ana/.lmstudio/models/Qwen/Qwen3-32B-Q4_K_M-00001-of-00003.gguf",
    name="Qwen3 32B",
    architecture="qwen3",
    parameters=32_762_123_264,
    quantization="Q4_K_M",
    trained_context_tokens=40_960,
    layers=64,
    size_bytes=19_762_000_000,
    has_chat_template=True,
    licence="apache-2.0",
    source="lmstudio",
    parts=3,
)


def loaded(model: ModelFile = MODELS[0], gpu_layers: int = 0) -> LoadedModel:
    """What the engine says of a model of `MODELS` once it is loaded."""
    return LoadedModel(
        path=model.path,
        name=model.name,
        architecture=model.architecture,
        parameters=model.parameters,
        size_bytes=model.size_bytes,
        context_tokens=min(model.trained_context_tokens, 8192),
        trained_context_tokens=model.trained_context_tokens,
        layers=model.layers,
        gpu_layers=gpu_layers,
        devices=("GPU",) if gpu_layers else ("CPU",),
        has_chat_template=model.has_chat_template,
    )


def without_template() -> LoadedModel:
    """A base model, whose vocabulary is that of Gemma."""
    facts = TemplateFacts("none")
    return replace(loaded(), has_chat_template=False, template=facts, suggested_template="gemma")


PAGE_LINES = (
    "Museum of the Sea",
    "Opening hours",
    "The museum opens from Tuesday to Sunday, from ten in the",
    "morning until seven in the evening. It stays closed on Mondays.",
    "Tickets",
    "A ticket costs seven euros. Students and people over 65 pay",
    "four euros; children under twelve enter free of charge.",
    "On the first Sunday of each month admission is free for all.",
    "Getting there",
    "Bus lines 3 and 14 stop in front of the main entrance.",
)
"""The sample page, line by line: `page_text()` joins them, `line_box()` says where each stands."""

HEADINGS = frozenset({0, 1, 4, 8})


def page_text() -> str:
    return "\n".join(PAGE_LINES)


def line_box(number: int) -> Box:
    """The box of line `number` on the sample page."""
    top = 0.12 + 0.045 * number
    width = 0.46 if number in HEADINGS else 0.76
    return Box(0.12, top, 0.12 + width * min(1.0, len(PAGE_LINES[number]) / 60), top + 0.024)


def span_boxes(start: int, end: int) -> tuple[Box, ...]:
    """The boxes of the lines that [start:end] of `page_text()` touches, cut to the characters touched."""
    boxes = []
    at = 0
    for number, line in enumerate(PAGE_LINES):
        first, last = max(start - at, 0), min(end - at, len(line))
        if first < last:
            box = line_box(number)
            scale = (box.right - box.left) / len(line)
            boxes.append(Box(box.left + first * scale, box.top, box.left + last * scale, box.bottom))
        at += len(line) + 1
    return tuple(boxes)


def excerpt(n: int = 1, first: int = 5, last: int = 6) -> Excerpt:
    """Excerpt `n`: lines `first` to `last` of the sample page."""
    start = sum(len(line) + 1 for line in PAGE_LINES[:first])
    text = "\n".join(PAGE_LINES[first : last + 1])
    return Excerpt(
        n=n,
        passage=100 + n,
        document=1,
        file=MUSEUM,
        title="Museum of the Sea: visitor guide",
        page=3,
        start=start,
        end=start + len(text),
        text=text,
        heading="Tickets",
        score=0.83 - 0.1 * n,
    )


EXCERPTS = (excerpt(1), excerpt(2, 2, 3))


def documents() -> tuple[DocumentInfo, ...]:
    """Documents in every state."""
    now = time.time()

    def info(
        number: int,
        name: str,
        title: str,
        pages: int,
        passages: int,
        size: int,
        error: ErrorInfo | None = None,
        indexing: bool = False,
    ) -> DocumentInfo:
        state = "failed" if error else "indexing" if indexing else "indexed"
        file = f"/home/ana/Documents/{name}"
        return DocumentInfo(
            document=number,
            collection="default",
            file=file,
            title=title,
            state=state,  # type: ignore[arg-type]  # chosen from the three just above
            pages=pages,
            passages=passages,
            size_bytes=size,
            added_at=now - number * 3600,
            error=error,
        )

    def failed(code: str, name: str, **params: int) -> ErrorInfo:
        return ErrorInfo(code, {"file": f"/home/ana/Documents/{name}", **params})

    return (
        info(1, "museum.pdf", "Museum of the Sea: visitor guide", 12, 48, 1_240_000),
        info(2, "debian-reference.es.pdf", "Guía de referencia Debian", 261, 1_904, 2_310_000),
        info(3, "notes.md", "", 1, 6, 4_210),
        info(4, "thesis.pdf", "On the warmth of tables", 184, 0, 8_800_000, indexing=True),
        info(5, "scan.pdf", "", 9, 0, 18_400_000, failed("document_no_text", "scan.pdf", pages=9)),
        info(6, "locked.pdf", "", 0, 0, 640_000, failed("document_encrypted", "locked.pdf")),
        info(7, "broken.pdf", "", 0, 0, 1_024, failed("document_damaged", "broken.pdf")),
    )
