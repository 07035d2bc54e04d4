"""Which module may import which library: the rules that import-linter cannot say, read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def imported(file: Path) -> Iterator[str]:
    """What a file imports, also inside functions: "package.module" for `from package import module`."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def importers(library: str, *folders: str) -> list[str]:
    """The files below these folders that import `library` or something in it."""
    return sorted(
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if any(name == library or name.startswith(f"{library}.") for name in imported(file))
    )


@pytest.mark.parametrize(
    ("library", "door"),
    [
        ("llama_cpp", "engine/llama/api.py"),
        ("chromadb", "rag/index/chroma.py"),
        ("huggingface_hub", "desktop/core/hub/remote.py"),
        ("httpx2", "desktop/core/hub/remote.py"),
        ("sqlite3", "rag/sqlite.py"),
        ("sqlcipher3", "rag/sqlite.py"),
    ],
)
def test_a_library_that_is_kept_in_a_process_of_its_own_has_one_door(library: str, door: str) -> None:
    assert importers(library, "engine", "rag", "desktop") == [door]


def test_view_models_know_of_qt_its_core_alone() -> None:
    used = {
        ".".join(name.split(".")[:2])
        for file in (ROOT / "desktop" / "view_models").rglob("*.py")
        for name in imported(file)
        if name.startswith("PySide6")
    }
    assert used == {"PySide6.QtCore"}


def test_engine_rag_core_and_commands_know_no_qt_even_inside_functions() -> None:
    assert importers("PySide6", "engine", "rag", "desktop/core", "desktop/cli") == []


def opens_a_database(file: Path) -> bool:
    """Whether a file calls sqlite3.connect or sqlite3.Connection, by whatever name it has them. rag.sqlite is
    where everybody has the name from: see the doors above."""
    tree = ast.parse(file.read_text("utf-8"))
    openers = {"connect", "Connection"}
    modules = {"sqlite3", "_sqlite3", "sqlite3.dbapi2", "sqlcipher3", "sqlcipher3.dbapi2", "dbapi2"}
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {name.asname for name in node.names if name.name in modules and name.asname}
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            named |= {name.asname or name.name for name in node.names if name.name in openers}
    return any(
        isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in named)
            or (
                isinstance(node.func, ast.Attribute)
                and node.func.attr in openers
                and ast.unparse(node.func.value) in modules
            )
        )
        for node in ast.walk(tree)
    )


def test_one_module_opens_every_database() -> None:
    """Encryption at rest is in one place. Chroma opens its own, of what can be made anew."""
    opening = [
        str(file.relative_to(ROOT))
        for folder in ("desktop", "engine", "rag")
        for file in (ROOT / folder).rglob("*.py")
        if opens_a_database(file)
    ]
    assert opening == ["rag/database.py"]
