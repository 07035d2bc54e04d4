"""Prove the packages: `python3 packaging/prove.py`, as root. A first day with them, on a bare system.

Installs the .deb with what it depends on into the smallest Debian there is (no Python, no compiler), cuts the
network, and does with mouse and keyboard what a person would: starts the window, chats, brings in a PDF and a
scan, asks, follows the citation, trains, opens a model by a double-click, closes, starts again, uninstalls.
`prove.py torch` does so for the add-on. Every step is looked at on the screen and asked of the installed
command; pictures stay. Any call for the network, by any process, fails the proof.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import package_apt
from prove_day import Day
from prove_person import ROOT, Failed, Person
from prove_root import RootFailed
from prove_screen import NotSeen
from prove_torch import AddOn
from starter_models import models_folder

PROOFS: dict[str, type[Person]] = {"day": Day, "torch": AddOn}
WORK = ROOT / "build" / "package"


def parsed(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    grammar = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = grammar.add_argument
    add("proofs", nargs="*", default=["day"], help="day: the program; torch: the add-on")
    add("--packages", type=Path, default=ROOT / "dist", help="where build.py left them")
    add("--work", type=Path, default=ROOT / "build" / "prove", help="where the bare system stands")
    add("--pictures", type=Path, default=ROOT / "dist" / "proof", help="where pictures and traces come")
    add("--suite", default=package_apt.suite(), help="which Debian it is installed into")
    add("--display", type=int, default=98, help="the number of the virtual screen")
    add("--qt", type=Path, help="a folder with Qt's libraries of the same release; else its own, changed")
    add(
        "--sentence-transformers",
        type=Path,
        default=models_folder() / "embeddings" / "multilingual-e5-small",
        help="the search model in that form, for the add-on",
    )
    add(
        "--python",
        type=Path,
        default=WORK / "venv-torch/bin/python",
        help="one with PyTorch, which writes a small reranker for the add-on",
    )
    return grammar.parse_args(list(arguments))


def main(arguments: Sequence[str]) -> int:
    """Prove; 0 when all of it holds."""
    chosen = parsed(arguments)
    if os.geteuid():
        print("Run it as root: it makes a system of its own.", file=sys.stderr)
        return 1
    for name in chosen.proofs:
        began = time.monotonic()
        pictures = chosen.pictures.absolute() / ("" if name == "day" else name)
        proof = PROOFS[name](chosen, pictures)
        try:
            proof.apply()
        except (Failed, NotSeen, RootFailed) as problem:
            print(f"DOES NOT HOLD: {problem}", file=sys.stderr)
            return 1
        finally:
            proof.leave()
            (pictures / "figures.json").write_text(json.dumps(proof.figures, indent=1) + "\n", "utf-8")
        print(json.dumps(proof.figures, indent=1, ensure_ascii=False))
        minutes = (time.monotonic() - began) / 60
        print(f"{name}: all of it holds, in {minutes:.1f} minutes; pictures in {pictures}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
