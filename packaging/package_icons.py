"""The program's icon as files, drawn by the program itself: `python package_icons.py FOLDER`. Needs Qt."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from package_debian import ICON_SIZES_PX


def main(folder: Path) -> int:
    """Write `SIZE.png` for each size that desktops ask for."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from PySide6.QtWidgets import QApplication

    from desktop.ui.app_icon import draw

    application = QApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    whole = all(draw(size).save(str(folder / f"{size}.png")) for size in ICON_SIZES_PX)
    application.quit()
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
