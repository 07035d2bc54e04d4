"""`python -m tests.gui.gallery OUT`: every view and state of the window as PNG, offscreen.

    --only WORD    scenes whose name holds the word
    --theme light|dark   --language en|es    one of them instead of both

A picture is called SCENE-THEME-LANGUAGE.png. Everything runs on the core in memory: no model, no worker.
"""

import argparse
import os
import sys
import time
from pathlib import Path

THEMES = ("light", "dark")
LANGUAGES = ("en", "es")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gui.gallery", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--language", choices=LANGUAGES)
    chosen = parser.parse_args(arguments)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    chosen.out.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    count = render(
        chosen.out,
        themes=(chosen.theme,) if chosen.theme else THEMES,
        languages=(chosen.language,) if chosen.language else LANGUAGES,
        only=chosen.only,
    )
    print(f"{count} pictures in {chosen.out}, {time.monotonic() - began:.0f} s")
    return 0 if count else 1


def render(
    out: Path, *, themes: tuple[str, ...] = THEMES, languages: tuple[str, ...] = LANGUAGES, only: str = ""
) -> int:
    """Write the pictures and give their number. Needs no application, or uses the one there is."""
    from PySide6.QtWidgets import QApplication

    from desktop.ui.manner import dress, speak
    from tests.gui.scene_texts import TEXTS
    from tests.gui.scenes import SCENES, staged
    from tests.gui.stage import quiet_focus

    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(["gallery"])
    quiet_focus(app)
    count = 0
    for language in languages:
        for theme in themes:
            for name in SCENES:
                if only not in name:
                    continue
                # a window that opens asks its core for both
                speak(app, language)
                dress(app, theme)
                with staged(name, TEXTS[language], language=language, theme=theme) as stage:
                    stage.picture().save(str(out / f"{name}-{theme}-{language}.png"))
                    count += 1
    return count


if __name__ == "__main__":
    sys.exit(main())
