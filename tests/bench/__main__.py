"""`python -m tests.bench [NAME...]`: what things cost on this machine, as a table and as JSON.

Each module beside this one that has `rows()` gives its figures as (name, value, unit). Figures are
medians of several runs on an otherwise idle machine; compare ratios of one run, not runs of two days.
"""

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

import tests.bench

FIRST = ("window", "engine", "rag")  # what a person waits for

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def modules() -> list[str]:
    """Names of the bench modules: those that offer rows."""
    found = (module.name for module in pkgutil.iter_modules(tests.bench.__path__))
    return sorted((name for name in found if not name.startswith("_")), key=lambda name: (_rank(name), name))


def _rank(name: str) -> int:
    return FIRST.index(name) if name in FIRST else len(FIRST)


def measure(names: list[str], parts: tuple[str, ...]) -> Iterator[tuple[str, str, float, str]]:
    for name in names:
        bench = importlib.import_module(f"tests.bench.{name}")
        if hasattr(bench, "rows"):
            rows = bench.rows(parts) if parts and hasattr(bench, "PARTS") else bench.rows()
            for label, value, unit in rows:
                yield name, label, value, unit


def machine() -> dict[str, object]:
    """What the figures were taken on."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"which benches: {', '.join(modules())}")
    parser.add_argument("--out", type=Path, default=Path("build/bench.json"), help="where the JSON goes")
    parser.add_argument("--parts", default="", help="of a bench that has parts: their names with commas")
    options = parser.parse_args()
    unknown = set(options.names) - set(modules())
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    parts = tuple(part for part in options.parts.split(",") if part)
    about = machine()
    results = []
    for bench, label, value, unit in measure(options.names or modules(), parts):
        print(f"{bench:10} {label:52} {value:12.3f} {unit}", flush=True)
        results.append({"bench": bench, "name": label, "value": value, "unit": unit})
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"machine": about, "rows": results}, indent=2) + "\n")
    print(f"written to {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
