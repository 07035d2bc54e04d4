"""Which files a list of paths means. Opens none."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.errors import DocumentError, DocumentMissing, DocumentNameUnreadable, DocumentUnreadable, EmptyFolder
from rag.reading.kinds import is_document

# what programs put beside source files, by the thousand, and nobody wrote to be read
LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})

Found = Path | tuple[Path, DocumentError]


def walk(paths: Sequence[str]) -> Iterator[Found]:
    """Files as they are named, and every document below a folder, each once, in the order of their names.

    Hidden files and folders below a named one are left out, so are Windows' temporary "~$" files
    and the folders in which programs keep the code of others.
    Links are followed, loops end. What cannot be looked at comes with its reason.
    """
    seen: set[Path] = set()
    for name in paths:
        # absolute, but links kept: the person finds the file under the name they gave
        path = Path(os.path.abspath(Path(name).expanduser()))  # noqa: PTH100 - resolve() would follow links
        try:
            mode = path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError) as error:
            yield path, _with(DocumentMissing, path, error)
            continue
        except OSError as error:
            yield path, _with(DocumentUnreadable, path, error)
            continue
        found = _below(path, set()) if stat.S_ISDIR(mode) else [path]
        for item in found:
            item = _nameable(item)
            key = item if isinstance(item, Path) else item[0]
            if key not in seen:
                seen.add(key)
                yield item


def _below(folder: Path, entered: set[tuple[int, int]]) -> list[Found]:
    found = list(_documents(folder, entered))
    return found or [(folder, EmptyFolder(file=str(folder)))]


def _documents(folder: Path, entered: set[tuple[int, int]]) -> Iterator[Found]:
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in entered:
            return
        entered.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            names = sorted((entry.name for entry in entries), key=str.casefold)
    except OSError as error:
        yield folder, _with(DocumentUnreadable, folder, error)
        return
    for name in names:
        path = folder / name
        if name.startswith((".", "~$")) or name in LEFT_OUT:
            continue
        # not Path.is_dir(): it raises in a folder that may be listed and not entered
        if os.path.isdir(path):  # noqa: PTH112
            yield from _documents(path, entered)
        elif is_document(path):
            yield path


def _nameable(item: Found) -> Found:
    """What can be told about; a file with a name of another encoding comes with that as its reason."""
    path = item if isinstance(item, Path) else item[0]
    name = str(path).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return item if name == str(path) else (Path(name), DocumentNameUnreadable(file=name))


def _with(kind: type[DocumentError], path: Path, error: OSError) -> DocumentError:
    return kind(str(error), file=str(path))
