"""Debian packages: the tree as it will lie on the system, what it asks for, and the file itself.

Builds no program; makes the same file from the same folder (times and owners are set).
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HOME = Path("usr/lib/sobremesa")
MODELS_HOME = Path("usr/share/sobremesa/models")
MAINTAINER = "The Sobremesa authors <sobremesa@localhost>"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# asked for by name at run time, where no library names them
ALWAYS = ("fontconfig-config", "shared-mime-info")
ICON_SIZES_PX = (16, 22, 24, 32, 48, 64, 128, 256, 512)


@dataclass(frozen=True)
class Package:
    """What stands in the control file."""

    name: str
    version: str
    architecture: str
    summary: str
    description: str
    depends: Sequence[str] = ()
    recommends: Sequence[str] = ()
    enhances: Sequence[str] = ()
    section: str = "utils"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def file_name(self) -> str:
        return f"{self.name}_{self.version}_{self.architecture}.deb"


def control(package: Package, installed_kib: int) -> str:
    """The control file's text."""
    fields = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": package.architecture,
        "Maintainer": MAINTAINER,
        "Installed-Size": str(installed_kib),
        "Depends": ", ".join(package.depends),
        "Recommends": ", ".join(package.recommends),
        "Enhances": ", ".join(package.enhances),
        "Section": package.section,
        "Priority": "optional",
        **package.more,
        "Description": package.summary,
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    wrapped = [f" {line}" if line.strip() else " ." for line in package.description.strip().splitlines()]
    return "\n".join([*lines, *wrapped]) + "\n"


def depends(glibc: str, packages: Iterable[str]) -> list[str]:
    """What the program asks of the system: a glibc at least so new, and the owners of outer libraries."""
    return [f"libc6 (>= {glibc})", *sorted({*packages, *ALWAYS} - {"libc6"})]


def lay_program(application: Path, tree: Path) -> None:
    """The application folder and the command into a system's tree."""
    home = tree / HOME
    home.parent.mkdir(parents=True)
    shutil.copytree(application, home, symlinks=True)
    command = tree / "usr/bin/sobremesa"
    command.parent.mkdir(parents=True)
    command.symlink_to("../lib/sobremesa/sobremesa")
    # where the program looks, and where Debian keeps what no architecture owns
    (home / "models").symlink_to("../../share/sobremesa/models")


def lay_desktop(linux: Path, icons: Path, tree: Path, version: str, date: str) -> None:
    """Desktop entry, icons, MIME type, AppStream data and manual pages. `icons` holds `SIZE.png`."""
    words = {"@VERSION@": version, "@DATE@": date}
    share = tree / "usr/share"
    fill(linux / "sobremesa.desktop", share / "applications/sobremesa.desktop", words)
    fill(linux / "sobremesa-mime.xml", share / "mime/packages/sobremesa.xml", words)
    fill(linux / "metainfo.xml", share / "metainfo/io.github.sobremesa.Sobremesa.metainfo.xml", words)
    for size in ICON_SIZES_PX:
        target = share / f"icons/hicolor/{size}x{size}/apps/sobremesa.png"
        target.parent.mkdir(parents=True)
        shutil.copyfile(icons / f"{size}.png", target)
    for source, folder in (("sobremesa.1", "man1"), ("sobremesa.es.1", "es/man1")):
        page = share / "man" / folder / "sobremesa.1"
        fill(linux / source, page, words)
        _zipped(page)


def lay_papers(tree: Path, name: str, papers: Iterable[Path], copyright_text: str, changes: str) -> None:
    """What Debian wants to find of every package: its copyright and its changes; and more papers."""
    folder = tree / "usr/share/doc" / name
    folder.mkdir(parents=True)
    (folder / "copyright").write_text(copyright_text, "utf-8")
    for paper in papers:
        shutil.copyfile(paper, folder / paper.name)
    log = folder / "changelog.Debian"
    log.write_text(changes, "utf-8")
    _zipped(log)


def fill(source: Path, target: Path, words: dict[str, str]) -> None:
    """A text with its marks replaced."""
    text = source.read_text("utf-8")
    for mark, value in words.items():
        text = text.replace(mark, value)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")


def _zipped(path: Path) -> None:
    with gzip.GzipFile(path.with_name(path.name + ".gz"), "wb", 9, mtime=0) as out:
        out.write(path.read_bytes())
    path.unlink()


def build(
    tree: Path, package: Package, out: Path, scripts: dict[str, str], moment_s: int, level: int = 6
) -> Path:
    """Write the package file into `out`. `scripts`: maintainer scripts by name. Gives its path."""
    meta = tree / "DEBIAN"
    shutil.rmtree(meta, ignore_errors=True)
    settle(tree, moment_s)
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    kib = sum((path.stat().st_size + 1023) // 1024 for path in files)
    meta.mkdir(mode=0o755)
    (meta / "control").write_text(control(package, kib), "utf-8")
    sums = (f"{_md5(path)}  {path.relative_to(tree).as_posix()}\n" for path in files)
    (meta / "md5sums").write_text("".join(sums), "utf-8")
    for name, text in scripts.items():
        (meta / name).write_text(text, "utf-8")
        (meta / name).chmod(0o755)
    out.mkdir(parents=True, exist_ok=True)
    target = out / package.file_name
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", f"-z{level}", "--build", str(tree), str(target)]
    subprocess.run(command, check=True, env=dict(os.environ) | {"SOURCE_DATE_EPOCH": str(moment_s)})
    return target


def settle(tree: Path, moment_s: int) -> None:
    """Modes and times as a package has them: everyone may read, the owner may write."""
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o111
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (moment_s, moment_s), follow_symlinks=False)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def changes(name: str, version: str, moment_s: int) -> str:
    """The package's own log of changes, in Debian's form."""
    when = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(moment_s))
    return f"{name} ({version}) unstable; urgency=low\n\n  * Version {version}.\n\n -- {MAINTAINER}  {when}\n"
