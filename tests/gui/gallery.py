"""`python -m tests.gui.gallery OUT`: every view and state of the window as PNG, offscreen.

    --only WORD    scenes whose name holds the word
    --theme light|dark|high_contrast   --language en|es    one of them instead of all
    --text N         size of all text in percent, such as 200
    --scale N        that many pixels for each of the window's
    --few            light in English, dark and high contrast in Spanish

`python -m tests.gui.gallery --readme` paints the picture in README.md again: packaging/pictures/window.png.

A picture is called SCENE-THEME-LANGUAGE.png; at another size of text SCENE-THEME-LANGUAGE-TEXT.png.
Everything runs on the core in memory: no model, no worker.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import product
from pathlib import Path

THEMES = ("light", "dark", "high_contrast")
LANGUAGES = ("en", "es")
FEW = (("light", "en"), ("dark", "es"), ("high_contrast", "es"))
README_PICTURE = Path(__file__).resolve().parents[2] / "packaging" / "pictures" / "window.png"
README_SCENE = "viewer"
README_SCALE = 2


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gui.gallery", description=__doc__)
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--only", default="")
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--language", choices=LANGUAGES)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--text", type=int, default=100)
    parser.add_argument("--few", action="store_true")
    parser.add_argument("--readme", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.out is None and not chosen.readme:
        parser.error("OUT is missing")
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_SCALE_FACTOR"] = str(README_SCALE if chosen.readme else chosen.scale)
    if chosen.readme:
        return readme_picture()
    chosen.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    looks = [
        (theme, language)
        for theme, language in (FEW if chosen.few else product(THEMES, LANGUAGES))
        if theme == (chosen.theme or theme) and language == (chosen.language or language)
    ]
    count = render(chosen.out, looks, only=chosen.only, text_percent=chosen.text)
    print(f"{count} pictures in {chosen.out}, {time.monotonic() - began:.0f} s")
    return 0 if count else 1


def render(
    out: Path, looks: Iterable[tuple[str, str]] = FEW, *, only: str = "", text_percent: int = 100
) -> int:
    """Write the pictures in these (theme, language) and give their number. Needs no application, or uses the
    one there is."""
    from PySide6.QtWidgets import QApplication

    from desktop.ui.manner import dress, speak
    from tests.gui.scene_texts import TEXTS
    from tests.gui.scenes import SCENES, staged
    from tests.gui.stage import quiet_focus
    from tests.unit.i18n.conftest import compile_catalogues

    compile_catalogues()  # else Spanish may be English
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(["gallery"])
    quiet_focus(app)
    count = 0
    size = "" if text_percent == 100 else f"-{text_percent}"
    for theme, language in looks:
        for name in SCENES:
            if only not in name:
                continue
            # a window that opens asks its core for all three
            speak(app, language)
            dress(app, theme, text_percent)
            asked = {"language": language, "theme": theme, "text_percent": text_percent}
            with staged(name, TEXTS[language], asked) as stage:
                stage.still_picture().save(str(out / f"{name}-{theme}-{language}{size}.png"))
                count += 1
    return count


def readme_picture() -> int:
    """Paint README.md's picture: a reply with its cited page, at twice the size, in its commonest colours."""
    import numpy as np
    from PySide6.QtGui import QImage

    with tempfile.TemporaryDirectory() as folder:
        render(Path(folder), [("light", "en")], only=README_SCENE)
        picture = QImage(str(Path(folder) / f"{README_SCENE}-light-en.png"))
    picture = picture.convertToFormat(QImage.Format.Format_RGB32)
    colors, counts = np.unique(np.frombuffer(picture.constBits(), dtype=np.uint32), return_counts=True)
    table = [int(color) for color in colors[np.argsort(-counts)][:256]]
    plain = picture.convertToFormat(QImage.Format.Format_Indexed8, table)
    README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
    saved = plain.save(str(README_PICTURE), quality=0)  # for PNG: as small as it gets
    print(f"{README_PICTURE}, {plain.width()} x {plain.height()}, {README_PICTURE.stat().st_size // 1000} kB")
    return 0 if saved else 1


if __name__ == "__main__":
    sys.exit(main())
