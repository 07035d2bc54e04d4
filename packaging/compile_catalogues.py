"""Compile the gettext catalogues: hatch's build hook, and a command for the set-up. Translates nothing."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = "desktop/locale/*/LC_MESSAGES/*.po"
COMPILED = "desktop/locale/*/LC_MESSAGES/*.mo"


def compile_all(root: Path) -> list[Path]:
    """Write each catalogue's .mo beside it where it differs; gives those written. Fuzzy entries stay out."""
    written = []
    for source in sorted(root.glob(CATALOGUES)):
        # the catalogue's own folder names its language, and with it the rule of its plurals
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        out = io.BytesIO()
        write_mo(out, catalogue)
        target = source.with_suffix(".mo")
        if not target.is_file() or target.read_bytes() != out.getvalue():
            fresh = target.with_suffix(".mo.new")
            fresh.write_bytes(out.getvalue())
            fresh.replace(target)
            written.append(target)
    return written


class CompileCatalogues(BuildHookInterface[Any]):
    """Compiles before each build, an editable one too; the wheel gets what git ignores."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch's signature
        compile_all(Path(self.root))
        build_data["artifacts"].append(COMPILED)


if __name__ == "__main__":
    compile_all(Path(__file__).resolve().parent.parent)
    sys.exit(0)
