"""Whether the program's own parts are all here. Looks at this interpreter alone; imports none of them."""

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec

from desktop.core.types.health import Finding
from desktop.i18n import FOLDER

PROGRAM = "sobremesa"
# what is imported, and what its package is called where the two differ; sentence-transformers may stay away
PARTS = {
    "PySide6": "PySide6-Essentials",
    "babel": "Babel",
    "chromadb": "",
    "gguf": "",
    "huggingface_hub": "huggingface-hub",
    "jinja2": "Jinja2",
    "keyring": "",
    "llama_cpp": "llama-cpp-python",
    "markdown_it": "markdown-it-py",
    "msgspec": "",
    "numpy": "",
    "onnxruntime": "",
    "platformdirs": "",
    "psutil": "",
    "pygments": "Pygments",
    "pypdf": "",
    "pypdfium2": "",
    "safetensors": "",
    "tokenizers": "",
    "watchfiles": "",
    "ziamath": "",
}
_NAME = re.compile(r"^[A-Za-z0-9._-]+")


def look_at_installation() -> Iterator[Finding]:
    """The program, the parts it stands on, its texts, and what reads scans."""
    params = {
        "version": _version(PROGRAM) or "?",
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }
    yield Finding("installation", "program", params=dict(params))
    missing = [shown or name for name, shown in PARTS.items() if not _importable(name)]
    if missing:
        yield Finding("installation", "parts_missing", "trouble", {"names": ", ".join(missing)})
    else:
        yield Finding("installation", "parts_here", params={"count": len(PARTS)})
    if not any(FOLDER.glob("es/LC_MESSAGES/*.mo")):
        yield Finding("installation", "texts_missing", "notice")
    yield _scans()


def versions() -> dict[str, str]:
    """Versions by name of the program and of everything that it asks for and that is here."""
    try:
        asked = {_NAME.match(text)[0] for text in requires(PROGRAM) or () if "extra ==" not in text}  # type: ignore[index]
    except PackageNotFoundError:
        asked = {shown or name for name, shown in PARTS.items()}
    found = {name: _version(name) for name in {PROGRAM, *asked}}
    return {name: found[name] for name in sorted(found, key=str.casefold) if found[name]}


def _scans() -> Finding:
    from rag.errors import RagError
    from rag.reading.scans import NotRead, languages, tesseract

    if tesseract() is None:
        return Finding("installation", "scans_unread", "notice")
    try:
        known = languages() & {"spa", "eng"}
    except (NotRead, RagError, OSError):
        known = frozenset()
    if len(known) < 2:
        missing = sorted({"spa", "eng"} - known)
        return Finding("installation", "scan_languages", "notice", {"names": ", ".join(missing)})
    return Finding("installation", "scans_read")


def _importable(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
