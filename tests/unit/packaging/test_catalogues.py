"""Catalogues are compiled by every build, and the wheel carries them."""

import gettext
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from compile_catalogues import compile_all

CHECKOUT = Path(__file__).resolve().parents[3]
CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: es\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "page"
msgid_plural "pages"
msgstr[0] "página"
msgstr[1] "páginas"

#, fuzzy
msgid "unsure"
msgstr "inseguro"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("engine", "rag", "desktop"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").touch()
    folder = root / "desktop" / "locale" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "sobremesa.po").write_text(CATALOGUE, encoding="utf-8")
    (root / "packaging").mkdir()
    shutil.copy(CHECKOUT / "packaging" / "compile_catalogues.py", root / "packaging")
    for name in ("pyproject.toml", "LICENSE", ".gitignore"):
        shutil.copy(CHECKOUT / name, root)
    (root / "README.md").touch()
    return root


def test_a_catalogue_is_compiled_with_its_plurals_and_without_unsure_entries(project: Path) -> None:
    (written,) = compile_all(project)
    with written.open("rb") as file:
        texts = gettext.GNUTranslations(file)
    assert texts.ngettext("page", "pages", 1) == "página"
    assert texts.ngettext("page", "pages", 7) == "páginas"
    assert texts.gettext("unsure") == "unsure"


def test_a_catalogue_that_has_not_changed_is_not_written_again(project: Path) -> None:
    assert len(compile_all(project)) == 1
    assert compile_all(project) == []


def test_the_wheel_carries_the_compiled_catalogues_and_the_command(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("sobremesa-*.whl")
    with zipfile.ZipFile(wheel) as package:
        names = package.namelist()
        commands = next(name for name in names if name.endswith("entry_points.txt"))
        assert "sobremesa = desktop.__main__:main" in package.read(commands).decode()
    assert "desktop/locale/es/LC_MESSAGES/sobremesa.mo" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith("packaging/") for name in names)
