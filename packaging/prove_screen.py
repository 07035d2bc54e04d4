"""A virtual screen and whoever sits before it: looks at it with OCR, types and clicks with real X events.

Knows nothing of the program but the words that it shows.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SIZE = "1280x860"
SCALE = 3  # small type is read better when it is large, and quiet colours when they are black
FOR_READING = f"-colorspace Gray -resize {SCALE * 100}% -sharpen 0x1 -threshold 72%".split()
LEAST_SURE = 30.0


class NotSeen(Exception):
    """What should have come onto the screen and did not, with what stood there."""


@dataclass(frozen=True)
class Word:
    """A word on the screen and its box in pixels."""

    text: str
    left: int
    top: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        return self.left + self.width // 2, self.top + self.height // 2


def words(table: str, scale: int = SCALE) -> list[Word]:
    """The words of Tesseract's table, in pixels of the screen."""
    found = []
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        if text and float(row["conf"]) >= LEAST_SURE:
            left, top, width, height = (
                int(row[name]) // scale for name in ("left", "top", "width", "height")
            )
            found.append(Word(text, left, top, width, height))
    return found


def phrase(found: list[Word], wanted: str) -> list[Word] | None:
    """The words that make up `wanted`, one after the other as they are read; None when they are not there."""
    parts = wanted.casefold().split()
    told = [word.text.casefold().strip(".,:;()“”\"'") for word in found]
    clean = [part.strip(".,:;()“”\"'") for part in parts]
    for at in range(len(told) - len(clean) + 1):
        if told[at : at + len(clean)] == clean:
            return found[at : at + len(clean)]
    return None


class Screen:
    """Display, window manager, eyes and hands. `close` ends what was started."""

    def __init__(self, number: int, pictures: Path) -> None:
        self.name = f":{number}"
        self.pictures = pictures
        self.pictures.mkdir(parents=True, exist_ok=True)
        self._taken = 0
        self._environment = dict(os.environ) | {"DISPLAY": self.name}
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = ["Xvfb", self.name, "-screen", "0", f"{SIZE}x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(server, **quiet)  # type: ignore[call-overload]
        _until(lambda: Path(f"/tmp/.X11-unix/X{number}").exists(), 10, "the display")  # noqa: S108
        manager = ["openbox", "--sm-disable"]
        self._manager = subprocess.Popen(manager, env=self._environment, **quiet)  # type: ignore[call-overload]

    def close(self) -> None:
        for process in (self._manager, self._server):
            process.terminate()
            process.wait()

    # ── hands ──

    def press(self, *keys: str) -> None:
        """Key combinations, such as "ctrl+n"."""
        for key in keys:
            self._do("key", "--clearmodifiers", key)
            time.sleep(0.15)

    def write(self, text: str) -> None:
        self._do("type", "--delay", "12", text)

    def click(self, wanted: str, limit_s: float = 30, last: bool = False) -> None:
        """Click on words that stand on the screen; with `last`, where they stand lowest. Raises NotSeen."""
        place = self.see(wanted, limit_s, last)
        x, y = place[0].centre
        self._do("mousemove", str(x), str(y))
        self._do("click", "1")

    def click_at(self, x: int, y: int) -> None:
        self._do("mousemove", str(x), str(y))
        self._do("click", "1")

    def scroll_to(self, wanted: str, x: int, y: int, limit_s: float = 60) -> list[Word]:
        """Turn the wheel at this place until these words stand on the screen. Raises NotSeen."""
        ends = time.monotonic() + limit_s
        self._do("mousemove", str(x), str(y))
        while (place := phrase(self.look(), wanted)) is None:
            if time.monotonic() > ends:
                raise NotSeen(f"“{wanted}” did not come however far the page was turned")
            self._do("click", "--repeat", "4", "--delay", "40", "5")
            time.sleep(0.4)
        return place

    def window(self, limit_s: float = 60) -> float:
        """Wait for a window to be visible: how many seconds it took from this call on."""
        began = time.monotonic()
        command = ["xdotool", "search", "--onlyvisible", "--class", "sobremesa"]

        def there() -> bool:
            done = subprocess.run(command, env=self._environment, capture_output=True, check=False)
            return bool(done.stdout.strip())

        _until(there, limit_s, "the window", 0.02)
        return time.monotonic() - began

    def windows(self) -> int:
        """How many visible windows the program has."""
        command = ["xdotool", "search", "--onlyvisible", "--class", "sobremesa"]
        told = subprocess.run(command, env=self._environment, capture_output=True, check=False).stdout
        return len(told.split())

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self._environment, check=True, capture_output=True)

    # ── eyes ──

    def picture(self, name: str) -> Path:
        """Keep what stands on the screen."""
        self._taken += 1
        path = self.pictures / f"{self._taken:02}-{name}.png"
        subprocess.run(["import", "-window", "root", str(path)], env=self._environment, check=True)
        return path

    def look(self) -> list[Word]:
        """Every word on the screen."""
        path = self.pictures / ".look.png"
        subprocess.run(["import", "-window", "root", str(path)], env=self._environment, check=True)
        subprocess.run(["mogrify", *FOR_READING, str(path)], check=True)
        reader = ["tesseract", str(path), "stdout", "-l", "eng", "--psm", "11", "tsv"]
        environment = self._environment | {"OMP_THREAD_LIMIT": "1"}
        told = subprocess.run(reader, env=environment, capture_output=True, text=True, check=True).stdout
        path.unlink()
        return words(told)

    def see(self, wanted: str, limit_s: float = 60, last: bool = False) -> list[Word]:
        """Wait for words to stand on the screen and give their places. Raises NotSeen."""
        ends = time.monotonic() + limit_s
        while True:
            seen = self.look()
            place = phrase(seen[::-1], " ".join(wanted.split()[::-1])) if last else phrase(seen, wanted)
            if place is not None:
                return place[::-1] if last else place
            if time.monotonic() > ends:
                self.picture("not-seen")
                text = " ".join(word.text for word in seen)
                raise NotSeen(f"“{wanted}” did not come onto the screen, which said: {text}")


def _until(condition: Callable[[], bool], limit_s: float, what: str, pause_s: float = 0.1) -> None:
    ends = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > ends:
            raise NotSeen(f"{what} did not come within {limit_s:.0f} s")
        time.sleep(pause_s)
