"""Each foreign library has one door into rag."""

import ast
from pathlib import Path

import pytest

import rag

ROOT = Path(rag.__file__).parent


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize(
    ("library", "doors"),
    [
        ("chromadb", ["index/chroma.py"]),
        ("pypdfium2", ["reading/pdfium.py"]),
        ("pypdf", ["reading/pypdf.py"]),
        ("onnxruntime", ["onnx_models.py"]),
        ("tokenizers", ["onnx_models.py"]),
        ("sentence_transformers", ["embedding/sentence_transformers.py", "reranking/cross_encoder.py"]),
        ("torch", ["embedding/sentence_transformers.py", "reranking/cross_encoder.py"]),
    ],
)
def test_a_foreign_library_is_imported_where_its_models_are_loaded(library: str, doors: list[str]) -> None:
    modules = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.py") if library in imports(path)]
    assert sorted(modules) == doors


def test_only_the_reader_worker_reaches_the_pdf_libraries() -> None:
    readers = {"rag.reading.pdfium", "rag.reading.pypdf", "rag.reading.reader"}
    for path in ROOT.rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        source = path.read_text("utf-8")
        if name == "reader_worker.py" or f"rag.{name[:-3].replace('/', '.')}" in readers:
            continue
        assert not any(f"from {module} import" in source for module in readers), name
