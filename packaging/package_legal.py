"""The licences of everything inside, and the list of it (CycloneDX): gathered from what was installed.

Writes `licences/NAME/...` and `licences/notices.json`, which the window shows, and the SBOM. Judges nothing
but that no part is without a licence.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = "licences"
NOTICES = "notices.json"
_LEGAL = re.compile(r"(licen[cs]e|copying|notice|copyright|authors)", re.IGNORECASE)
# where the metadata says nothing that a machine reads, or says it at length
KNOWN = {
    "numpy": "BSD-3-Clause",
    "msgspec": "BSD-3-Clause",
    "llama_cpp_python": "MIT",
    "llama-cpp-python": "MIT",
    "chromadb": "Apache-2.0",
    "onnxruntime": "MIT",
    "pyside6-essentials": "LGPL-3.0-only",
    "shiboken6": "LGPL-3.0-only",
    "tokenizers": "Apache-2.0",
    "sqlcipher3": "Zlib",  # what is inside of its library: `inside_sqlcipher`
    "numba": "BSD-2-Clause",
    "llvmlite": "BSD-2-Clause AND Apache-2.0 WITH LLVM-exception",
}
# what stands in the text of a licence whose metadata only names a file
_TELLING = (
    ("Apache License", "Apache-2.0"),
    ("Permission is hereby granted, free of charge", "MIT"),
    ("Redistribution and use in source and binary forms", "BSD-3-Clause"),
    ("Mozilla Public License", "MPL-2.0"),
    ("PYTHON SOFTWARE FOUNDATION LICENSE", "PSF-2.0"),
)


@dataclass(frozen=True)
class Part:
    """One thing inside. `kind`: "python" for a package of Python's, "system" for one of Debian's, "own"."""

    name: str
    version: str
    licence: str
    kind: str
    files: tuple[str, ...]  # its licence texts, from the folder of licences


def python_parts(told: Iterable[dict[str, object]], into: Path) -> list[Part]:
    """Packages of Python's with their licence files copied. `told`: what `TELL` prints, a package each."""
    parts = []
    for one in told:
        name = str(one["name"])
        files = [Path(str(path)) for path in one["files"]]  # type: ignore[attr-defined]
        texts = _copied(name, files, into)
        parts.append(Part(name, str(one["version"]), _licence(one, files), "python", texts))
    return parts


# run by the environment's own Python: which packages are inside, by the modules that were frozen
TELL = """
import json, sys
from importlib import metadata
modules = set(json.load(sys.stdin))
told = []
for found in metadata.distributions():
    files = found.files or []
    inside = [str(f) for f in files if not str(f).startswith("..") and ".dist-info" not in str(f)]
    tops = {f.split("/")[0].split(".")[0] for f in inside}
    if not tops & modules:
        continue
    legal = [str(found.locate_file(f)) for f in files if ".dist-info" in str(f) or "licen" in str(f).lower()]
    told.append({
        "name": found.metadata["Name"], "version": found.version,
        "expression": found.metadata.get("License-Expression") or "",
        "licence": found.metadata.get("License") or "",
        "classifiers": [c for c in found.metadata.get_all("Classifier") or [] if c.startswith("License ::")],
        "files": legal,
    })
print(json.dumps(told))
"""


def modules_inside(inner: Path, archived: Iterable[str]) -> set[str]:
    """The top names of all that is in the folder and in PyInstaller's archive."""
    beside = {path.name.split(".")[0] for path in inner.iterdir()}
    return beside | {name.split(".")[0] for name in archived}


def tell(python: Path, modules: set[str]) -> list[dict[str, object]]:
    """The packages of an environment that those modules belong to."""
    done = subprocess.run(
        [str(python), "-c", TELL],
        input=json.dumps(sorted(modules)),
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(json.loads(done.stdout), key=lambda one: str(one["name"]).casefold())


def _copied(name: str, files: Iterable[Path], into: Path) -> tuple[str, ...]:
    texts = []
    folder = into / name
    for file in files:
        if _LEGAL.search(file.name) and file.is_file() and file.suffix not in (".py", ".pyc", ".so", ".json"):
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / file.name
            if target.exists():
                target = folder / f"{file.parent.name}-{file.name}"
            shutil.copyfile(file, target)
            texts.append(target.relative_to(into).as_posix())
    return tuple(sorted(texts))


def _licence(one: dict[str, object], files: Iterable[Path]) -> str:
    known = KNOWN.get(str(one["name"]).lower())
    said = str(one["expression"]) or known or _of_classifiers(one) or str(one["licence"]).strip()
    if said and len(said) < 60 and "\n" not in said:
        return said
    for file in files:
        if _LEGAL.search(file.name) and file.is_file():
            text = file.read_text("utf-8", "replace")
            for words, licence in _TELLING:
                if words.casefold() in text.casefold():
                    return licence
    return "see its text"


def _of_classifiers(one: dict[str, object]) -> str:
    names = [str(c).rsplit(" :: ", 1)[-1] for c in one["classifiers"]]  # type: ignore[attr-defined]
    return " AND ".join(sorted(name for name in names if name != "OSI Approved"))


def system_parts(libraries: dict[str, str], into: Path) -> list[Part]:
    """Debian's packages whose libraries are inside. `libraries`: package by library."""
    parts = []
    for package in sorted(set(libraries.values())):
        done = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True, check=False
        )
        copyright_file = Path("/usr/share/doc") / package / "copyright"
        texts: tuple[str, ...] = ()
        if copyright_file.is_file():
            (into / package).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(copyright_file, into / package / "copyright")
            texts = (f"{package}/copyright",)
        text = copyright_file.read_text("utf-8", "replace") if texts else ""
        parts.append(Part(package, done.stdout, debian_licence(text), "system", texts))
    return parts


def debian_licence(text: str) -> str:
    """The licences that a Debian copyright file names; "see its text" where it is not in the usual form."""
    names = dict.fromkeys(re.findall(r"^License: *(\S.*?)\s*$", text, re.MULTILINE))
    short = [name for name in names if len(name) < 40]
    return ", ".join(short[:6]) if short else "see its text"


# run by the environment's own Python: what is linked into the library that encrypts
TELL_SQLCIPHER = """
import json
from sqlcipher3 import dbapi2
asked = ("cipher_version", "cipher_provider_version")
db = dbapi2.connect(":memory:")
db.execute("PRAGMA key = 'x'")  # the provider is there from then on
print(json.dumps([db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked] + [dbapi2.sqlite_version]))
"""


def inside_sqlcipher(python: Path, root: Path) -> list[tuple[str, str, str, Path]]:
    """Name, version, licence and its text of what sqlcipher3 has inside and brings no text of."""
    done = subprocess.run([str(python), "-c", TELL_SQLCIPHER], capture_output=True, text=True, check=True)
    cipher, provider, _sqlite = json.loads(done.stdout)
    own = root / "packaging" / "licences" / "SQLCipher.txt"
    number = re.search(r"\d+(\.\d+)+", provider)
    return [
        ("SQLCipher", str(cipher).split()[0], "BSD-3-Clause", own),
        ("OpenSSL", number[0] if number else "", "Apache-2.0", root / "LICENSE"),
    ]


def own_parts(root: Path, version: str, into: Path, more: Iterable[tuple[str, str, str, Path]]) -> list[Part]:
    """The program itself, and what was built from source. `more`: name, version, licence, text of it."""
    parts = []
    for name, number, licence, text in (("Sobremesa", version, "Apache-2.0", root / "LICENSE"), *more):
        (into / name).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(text, into / name / text.name)
        parts.append(Part(name, number, licence, "own", (f"{name}/{text.name}",)))
    return parts


def nameless(parts: Iterable[Part]) -> list[str]:
    """Parts with neither a licence's name nor its text."""
    return [part.name for part in parts if part.licence == "see its text" and not part.files]


def write_notices(parts: Iterable[Part], into: Path) -> None:
    """`notices.json`, read by desktop/core/notices.py."""
    content = [asdict(part) for part in parts]
    (into / NOTICES).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def bill(parts: Iterable[Part], version: str) -> dict[str, object]:
    """The software bill of materials, in CycloneDX 1.5."""
    components = [_component(part) for part in parts if part.name != "Sobremesa"]
    about = {"type": "application", "bom-ref": "sobremesa", "name": "Sobremesa", "version": version}
    seed = hashlib.sha256(json.dumps(components, sort_keys=True).encode()).hexdigest()
    serial = f"{seed[:8]}-{seed[8:12]}-4{seed[13:16]}-8{seed[17:20]}-{seed[20:32]}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {"component": {**about, "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": components,
        "dependencies": [
            {"ref": "sobremesa", "dependsOn": [component["bom-ref"] for component in components]}
        ],
    }


def _component(part: Part) -> dict[str, object]:
    kinds = {"python": "pypi", "system": "deb/debian", "own": "generic"}
    name = re.sub(r"[-_.]+", "-", part.name).lower() if part.kind == "python" else part.name
    place = f"pkg:{kinds[part.kind]}/{name}@{part.version.replace('+', '%2B').replace(':', '%3A')}"
    return {
        "type": "library",
        "bom-ref": place,
        "name": part.name,
        "version": part.version,
        "purl": place,
        "licenses": [{"license": {"name": part.licence}}],
    }
