"""What `--json` prints: one object for each command. Field names are a promise to people's scripts."""

import sys
from typing import Any

import msgspec

from desktop import words
from desktop.cli.streams import give_up_stdout
from desktop.core.types import Answer, Excerpt, ExcerptsPart, Problem
from desktop.core.types.models import ModelFile, QuantizedModel
from desktop.words import fit as fit_words
from desktop.words import quantization as quantization_words
from engine.fit import Fit
from engine.gguf_header import ModelHeader
from engine.protocol import Stats, TokenDetail
from engine.quantization import TYPES, predicted_bytes
from rag.errors import ErrorInfo
from rag.protocol import Hit, IndexedDocument


def print_json(value: object) -> None:
    """One line of UTF-8 on stdout, whatever the terminal's encoding is. Exits with 1 where it cannot."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
        sys.stdout.buffer.flush()
    except OSError as error:
        give_up_stdout(error)
        sys.exit(1)


def error(problem: Problem) -> dict[str, Any]:
    return {"error": problem_shape(problem)}


def problem_shape(problem: Problem) -> dict[str, str]:
    return {
        "code": problem.code,
        "message": words.sentence(problem),
        "hint": words.hint(problem),
        "detail": problem.detail,
    }


def chat(answer: Answer) -> dict[str, Any]:
    shape: dict[str, Any] = {"text": answer.text, "thoughts": answer.thoughts, "stats": _stats(answer.stats)}
    if answer.details:
        shape["tokens"] = [_token(detail) for detail in answer.details]
    return shape


def index(documents: tuple[IndexedDocument, ...], *, cancelled: bool = False) -> dict[str, Any]:
    """`reason` is an error code, null for a document that can be searched."""
    shape: dict[str, Any] = {"documents": [_document(one) for one in documents]}
    if cancelled:
        shape["cancelled"] = True
    failed = all_failed(documents)
    if failed is not None:
        shape["error"] = problem_shape(failed)
    return shape


def search(hits: tuple[Hit, ...]) -> dict[str, Any]:
    return {"results": [_passage(hit) for hit in hits]}


def ask(answer: Answer, documents: tuple[IndexedDocument, ...]) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "text": answer.text,
        "thoughts": answer.thoughts,
        "citations": [
            {
                "n": citation.n,
                "file": citation.file,
                "page": citation.page,
                "quote": citation.quote,
                "start": citation.start,
                "end": citation.end,
                "attributed": citation.attributed,
            }
            for citation in answer.citations
        ],
        "results": [_passage(excerpt) for excerpt in answer.excerpts],
        "looked": _looked(answer.looked),
        "doubts": [msgspec.to_builtins(doubt) for doubt in answer.doubts],
        "stats": _stats(answer.stats),
    }
    if documents:
        shape["documents"] = [_document(one) for one in documents]
    return shape


def _looked(how: ExcerptsPart) -> dict[str, Any]:
    """`read` of `documents` could be asked where some were still to be indexed, or each was visited."""
    return {
        "way": how.way,
        "query": how.query,
        "read": how.read,
        "documents": how.documents,
        "indexing": how.indexing,
    }


def models(files: tuple[ModelFile, ...], folder: str) -> dict[str, Any]:
    return {"models": [model(file) for file in files], "folder": folder}


def model(file: ModelFile) -> dict[str, Any]:
    shape: dict[str, Any] = msgspec.to_builtins(file)
    del shape["problem"], shape["fit"]
    shape["error"] = None if file.problem is None else problem_shape(file.problem)
    return shape


def quantized(made: QuantizedModel) -> dict[str, Any]:
    """A measure is null where none was made; `unmeasured` says why one could not be."""
    return {
        "model": model(made.model),
        "before_bytes": made.before_bytes,
        "after_bytes": made.after_bytes,
        "before": msgspec.to_builtins(made.before),
        "after": msgspec.to_builtins(made.after),
        "unmeasured": None if made.unmeasured is None else problem_shape(made.unmeasured),
        "tensors": msgspec.to_builtins(made.shares),
        "fell_back": made.fell_back,
        "lossy_source": made.lossy_source,
        "notes": quantization_words.notes(made),
    }


def quantization_types(header: ModelHeader | None = None) -> dict[str, Any]:
    """The types a model can be quantized to, from the finest to the smallest; with that one's sizes."""
    return {
        "types": [
            {
                "name": one.name,
                "bits": one.bits if header is None else one.bits_of(header),
                "size_bytes": None if header is None else predicted_bytes(header, one),
                "description": quantization_words.type_sentence(one.name),
            }
            for one in TYPES.values()
        ]
    }


def fit(found: Fit | None) -> dict[str, Any] | None:
    """How a model fits this machine; null where its header alone cannot tell."""
    if found is None:
        return None
    return {
        "verdict": found.verdict,
        "message": fit_words.sentence(found),
        "hint": fit_words.hint(found),
        "context_tokens": found.placement.context_tokens,
        "wanted_context_tokens": found.wanted_context_tokens,
        "kv_type": found.placement.kv_type,
        "gpu_layers": found.placement.gpu_layers,
        "layers": found.layers,
        "needed_bytes": found.bytes,
        "free_bytes": found.free_bytes,
        "missing_bytes": found.missing_bytes,
        "change": found.change,
        "devices": [
            {**msgspec.to_builtins(device), **msgspec.to_builtins(usage)}
            for device, usage in zip(found.devices, found.usage, strict=True)
        ],
    }


def problem_of(error: ErrorInfo) -> Problem:
    return Problem(error.code, dict(error.params), error.detail)


def all_failed(documents: tuple[IndexedDocument, ...]) -> Problem | None:
    """What the first one failed with, when none can be searched."""
    if any(one.state != "failed" for one in documents):
        return None
    return next((problem_of(one.error) for one in documents if one.error is not None), None)


def _document(one: IndexedDocument) -> dict[str, Any]:
    problem = None if one.error is None else problem_of(one.error)
    return {
        "file": one.file,
        "status": one.state,
        "reason": None if problem is None else problem.code,
        "message": "" if problem is None else words.sentence(problem),
        "hint": "" if problem is None else words.hint(problem),
        "pages": one.pages,
        "passages": one.passages,
    }


def _passage(found: Hit | Excerpt) -> dict[str, Any]:
    return {
        "file": found.file,
        "page": found.page,
        "start": found.start,
        "end": found.end,
        "text": found.text,
        "score": found.score,
        "title": found.title,
        "heading": found.heading,
    }


def _token(detail: TokenDetail) -> dict[str, Any]:
    """A token, and what could have stood in its place before and after the samplers."""
    return {
        "id": detail.id,
        "text": detail.text,
        "p_before": detail.p_before,
        "p_after": detail.p_after,
        "before": [{"id": one.id, "text": one.text, "p": one.p} for one in detail.before],
        "after": [{"id": one.id, "text": one.text, "p": one.p} for one in detail.after],
    }


def _stats(stats: Stats) -> dict[str, Any]:
    shape: dict[str, Any] = msgspec.to_builtins(stats)
    return shape
