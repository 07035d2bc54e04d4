"""Build the packages: `python3 packaging/build.py`. From the source to files to hand out, on Debian.

    application folder -> sobremesa_VERSION_amd64.deb, sobremesa-VERSION-linux-x86_64.tar.gz
    starter models     -> sobremesa-models_VERSION_all.deb, sobremesa-models-VERSION.tar.gz
    and sbom.cdx.json, sizes.md, SHA256SUMS

What comes lies below `dist/`; what takes long (the environment, llama.cpp, Tesseract) stays in
`build/package/` and is made again only when what it is made of changed. Each step: packaging/package_*.py.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import build_runtime
import package_apt
import package_archives
import package_contents
import package_debian
import package_elf
import package_freeze
import package_legal
import package_llama
import package_models
import package_tesseract
import package_torch
from starter_models import models_folder

ROOT = Path(__file__).resolve().parent.parent
LINUX = ROOT / "packaging" / "linux"
PROBLEMS = (
    build_runtime.Problem,
    package_apt.NotFetched,
    package_elf.Orphans,
    package_freeze.Problem,
    package_models.Missing,
    package_tesseract.Problem,
)
VULKAN_SUITE = "trixie"  # whose headers are new enough for llama.cpp
DESCRIPTION = """\
Runs language models in GGUF files on this computer, answers from your own PDFs with citations that open the
right page, and has a workshop to train a small model and look inside it. It opens no connection by itself.
In English and Spanish.
"""
MODELS_DESCRIPTION = """\
SmolLM2-135M-Instruct for the chat and multilingual-e5-small for the search in documents, so that a computer
without a network chats and searches at once.
"""


class Build:
    """One run: its folders, its version, and the moment that every file carries."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.work = chosen.work.absolute()
        self.out = chosen.out.absolute()
        self.version = package_contents.version(ROOT)
        self.moment_s = moment()
        self.date = time.strftime("%Y-%m-%d", time.gmtime(self.moment_s))
        self.application = self.work / "application"
        self.work.mkdir(parents=True, exist_ok=True)
        self.out.mkdir(parents=True, exist_ok=True)

    def apply(self) -> None:
        """Every step in its order."""
        if {"program", "folder"} & set(self.chosen.parts):
            self.python = package_freeze.environment(ROOT, self.work)
            self.make_application()
        if "program" in self.chosen.parts:
            self.gather_licences(package_freeze.inner(self.application))
            self.pack_program()
        if "models" in self.chosen.parts:
            self.pack_models()
        if "torch" in self.chosen.parts:
            self.pack_torch()
        if self.chosen.sizes:
            rows = package_archives.table(self.application)
            (self.out / "sizes.md").write_text(package_archives.written(rows), "utf-8")
        package_archives.checksums(self.out)

    # ── the folder ──

    def make_application(self) -> None:
        """Freeze the program and put beside it what it does not bring: llama.cpp, Tesseract, licences."""
        linux = sys.platform == "linux"
        headers = self.chosen.vulkan_headers
        if linux and headers is None:
            unpacked = package_apt.package(self.work / "apt", "libvulkan-dev", VULKAN_SUITE)
            headers = unpacked / "usr" / "include"
        constraints = ROOT / "packaging" / "constraints.txt"
        runtime = package_llama.built(self.work, constraints, headers, self.chosen.jobs)
        frozen = package_freeze.place(self.work)
        if not self.chosen.repack:
            package_freeze.freeze(ROOT, self.work, self.python)
        shutil.rmtree(self.application, ignore_errors=True)
        shutil.copytree(frozen, self.application, symlinks=True)
        inner = package_freeze.inner(self.application)
        package_llama.put(runtime, self.application, inner)
        package_freeze.sign(self.application, ROOT)
        if linux:
            tesseract = package_tesseract.built(self.work / "apt", self.chosen.jobs)
            package_tesseract.put(tesseract, self.work / "apt", self.application)
            gone = package_freeze.clean(self.application)
            print(f"{len(gone)} libraries that nobody asks for were left out: {' '.join(gone)}")
            package_freeze.check(self.application)

    def gather_licences(self, inner: Path) -> None:
        """Licences of everything inside, and the bill of materials."""
        into = self.application / package_legal.FOLDER
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir()
        archived = package_freeze.archived(self.python, self.application / "sobremesa")
        modules = package_legal.modules_inside(inner, archived)
        native = [found.path.name for found in package_elf.natives(self.application)]
        owners = package_elf.owners([*native, *package_llama.COMPANIONS, *package_llama.COMPANIONS_FOR_CARDS])
        system = {name: owner for name, owner in owners.items() if name.startswith("lib")}
        sources = self.work / "runtime-work"
        llama = next(sources.glob("llama_cpp_python-*/vendor/llama.cpp/LICENSE"), None)
        more = [("llama.cpp", build_runtime.pinned_version(ROOT / "packaging/constraints.txt"), "MIT", llama)]
        python = Path(os.path.realpath(self.python)).parent.parent
        text = next(iter(python.glob("lib/python3*/LICENSE.txt")), None)
        more += [("Python", platform.python_version(), "PSF-2.0", text)]
        source = package_apt.source(self.work / "apt", "tesseract", package_apt.suite())
        more += [("Tesseract", source.name.rpartition("-")[2], "Apache-2.0", source / "LICENSE")]
        more += package_legal.inside_sqlcipher(self.python, ROOT)
        parts = [
            *package_legal.own_parts(ROOT, self.version, into, [one for one in more if one[3] is not None]),
            *package_legal.python_parts(package_legal.tell(self.python, modules), into),
            *package_legal.system_parts(system, into),
        ]
        nameless = package_legal.nameless(parts)
        if nameless:
            raise package_freeze.Problem(f"No licence is known of: {', '.join(nameless)}")
        package_legal.write_notices(parts, into)
        bill = json.dumps(package_legal.bill(parts, self.version), indent=1) + "\n"
        (into / "sbom.cdx.json").write_text(bill, "utf-8")
        (self.out / "sbom.cdx.json").write_text(bill, "utf-8")

    # ── packages ──

    def pack_program(self) -> None:
        """The .deb and the portable archive."""
        found = package_elf.natives(self.application)
        floor = package_elf.floor(found)
        outside = package_elf.outside(found)
        owners = package_elf.owners(outside)
        print(f"glibc {floor} or newer; the system has: {', '.join(outside)}")
        icons = self.work / "icons"
        subprocess.run([str(self.python), str(ROOT / "packaging/package_icons.py"), str(icons)], check=True)
        tree = self.fresh("deb")
        package_debian.lay_program(self.application, tree)
        package_debian.lay_desktop(LINUX, icons, tree, self.version, self.date)
        copying = (ROOT / "LICENSE").read_text(
            "utf-8"
        ) + "\nOf everything inside: /usr/lib/sobremesa/licences\n"
        changes = package_debian.changes("sobremesa", self.version, self.moment_s)
        papers = [self.out / "sbom.cdx.json"]
        package_debian.lay_papers(tree, "sobremesa", papers, copying, changes)
        package = package_debian.Package(
            "sobremesa",
            self.version,
            package_debian.ARCHITECTURES[platform.machine()],
            "local language models and your own documents",
            DESCRIPTION,
            package_debian.depends(floor, package_elf.debian_packages(outside, owners)),
            recommends=("sobremesa-models", "mesa-vulkan-drivers", "fonts-dejavu-core", "xdg-utils"),
        )
        self.tell(package_debian.build(tree, package, self.out, {}, self.moment_s, self.chosen.level))
        self.pack_archive(icons, floor)

    def pack_archive(self, icons: Path, floor: str) -> None:
        """The same folder to unpack anywhere, with a word on how to start it."""
        name = f"sobremesa-{self.version}-linux-{platform.machine()}"
        tree = self.fresh("archive")
        shutil.copytree(self.application, tree, symlinks=True, dirs_exist_ok=True)
        shutil.copyfile(icons / "256.png", tree / "sobremesa.png")
        shutil.copyfile(ROOT / "LICENSE", tree / "LICENSE")
        words = {"@VERSION@": self.version, "@DATE@": self.date}
        for paper in ("sobremesa.desktop", "metainfo.xml"):  # for whoever packs it again, such as Flatpak
            package_debian.fill(LINUX / paper, tree / paper, words)
        text = (LINUX / "archive.md").read_text("utf-8").replace("@GLIBC@", floor)
        (tree / "README.md").write_text(text, "utf-8")
        package_debian.settle(tree, self.moment_s)
        self.tell(package_archives.tarball(tree, name, self.out, self.moment_s, self.chosen.level))

    def pack_models(self) -> None:
        """The starter models, for the package manager and as an archive to unpack beside the program."""
        tree = self.fresh("models-deb")
        package_models.lay(self.chosen.models.expanduser(), tree / package_debian.MODELS_HOME)
        changes = package_debian.changes("sobremesa-models", self.version, self.moment_s)
        package_debian.lay_papers(tree, "sobremesa-models", [], package_models.PAPERS, changes)
        package = package_debian.Package(
            "sobremesa-models",
            self.version,
            "all",
            "starter models for Sobremesa",
            MODELS_DESCRIPTION,
            enhances=("sobremesa",),
            section="misc",
        )
        self.tell(package_debian.build(tree, package, self.out, {}, self.moment_s, self.chosen.level))
        loose = self.fresh("models-archive")
        package_models.lay(self.chosen.models.expanduser(), loose / "models")
        (loose / "models" / "LICENCES.txt").write_text(package_models.PAPERS, "utf-8")
        package_debian.settle(loose, self.moment_s)
        name = f"sobremesa-models-{self.version}"
        self.tell(package_archives.tarball(loose / "models", name, self.out, self.moment_s, 1))

    def pack_torch(self) -> None:
        """The add-on for sentence-transformers."""
        python = package_torch.environment(ROOT, self.work)
        folder = package_torch.place(self.work)
        if not self.chosen.repack:
            package_torch.freeze(ROOT, self.work, python)
        tree = self.fresh("torch-deb")
        package_torch.lay(folder, tree)
        into = tree / package_debian.HOME / package_torch.FOLDER / package_legal.FOLDER
        into.mkdir()
        modules = package_legal.modules_inside(
            package_freeze.inner(folder), package_freeze.archived(python, folder / "sobremesa-torch")
        )
        parts = package_legal.python_parts(package_legal.tell(python, modules), into)
        package_legal.write_notices(parts, into)
        changes = package_debian.changes(package_torch.NAME, self.version, self.moment_s)
        copying = (ROOT / "LICENSE").read_text(
            "utf-8"
        ) + "\nOf everything inside: licences beside the program\n"
        package_debian.lay_papers(tree, package_torch.NAME, [], copying, changes)
        package = package_torch.package(folder, ROOT)
        self.tell(package_debian.build(tree, package, self.out, {}, self.moment_s, self.chosen.level))
        name = f"{package_torch.NAME}-{self.version}-linux-{platform.machine()}"
        beside = tree / package_debian.HOME / package_torch.FOLDER  # to unpack in the portable folder
        level = self.chosen.level
        self.tell(
            package_archives.tarball(beside, name, self.out, self.moment_s, level, package_torch.FOLDER)
        )

    def fresh(self, name: str) -> Path:
        """An empty folder below the work folder."""
        folder: Path = self.work / f"tree-{name}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def tell(self, file: Path) -> None:
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB", flush=True)


def moment() -> int:
    """When the source was last changed, in seconds: every file of a package carries it."""
    chosen = os.environ.get("SOURCE_DATE_EPOCH")
    if chosen:
        return int(chosen)
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return int(told) if told else int(time.time())


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    grammar = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    grammar.add_argument(
        "parts",
        nargs="*",
        default=["program", "models"],
        help="program, models; torch: the add-on for sentence-transformers; folder: nothing packed",
    )
    grammar.add_argument("--out", type=Path, default=ROOT / "dist", help="where the packages come")
    grammar.add_argument(
        "--work", type=Path, default=ROOT / "build" / "package", help="what is kept between runs"
    )
    grammar.add_argument("--models", type=Path, default=models_folder(), help="where the starter models lie")
    grammar.add_argument(
        "--vulkan-headers", type=Path, help="an include folder; else Debian's newer ones are fetched"
    )
    grammar.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many compilers at once")
    grammar.add_argument("--level", type=int, default=6, help="how hard packages are packed, 1 to 9")
    grammar.add_argument("--repack", action="store_true", help="what was frozen in the last run, packed anew")
    grammar.add_argument(
        "--sizes", action="store_true", help="also write what each part takes, into sizes.md"
    )
    return grammar.parse_args(list(arguments))


def main(arguments: Sequence[str]) -> int:
    """Build; 0 when the packages stand."""
    started_s = time.monotonic()
    try:
        Build(parsed(arguments)).apply()
    except PROBLEMS as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"Done in {(time.monotonic() - started_s) / 60:.1f} minutes.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
