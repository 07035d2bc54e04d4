"""The part of the fake core that knows what the program is made of."""

from collections.abc import Callable
from typing import Any

from desktop.core.operations import Operation
from desktop.core.types.notices import Notice

NOTICES = (
    Notice("Sobremesa", "0.1.0", "Apache-2.0", "own"),
    Notice("llama.cpp", "0.3.36", "MIT", "own"),
    Notice("chromadb", "1.5.9", "Apache-2.0"),
    Notice("libx11-6", "2:1.8.4-2+deb12u2", "", "system"),
    Notice("numpy", "2.4.6", "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0"),
    Notice("PySide6_Essentials", "6.11.3", "LGPL-3.0-only"),
)
TEXT = """\
MIT License

Copyright (c) 2023-2026 The ggml authors

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software.
"""


class FakeNotices:
    """What FakeCore inherits."""

    _now: Callable[..., Operation[Any]]

    def list_notices(self) -> Operation[tuple[Notice, ...]]:
        return self._now("list_notices", lambda: NOTICES)

    def read_notice(self, name: str) -> Operation[str]:
        return self._now("read_notice", lambda: "" if name == "libx11-6" else f"{TEXT}\n{name}", name)
