"""The starter models as a package of their own: the chat model and the search model in its fast form.

Taken from a models folder where `starter_models.py` has put them. The form for sentence-transformers goes
with the package that can read it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from starter_models import CHAT_MODEL, EMBEDDER_FOLDER

LEFT_OUT = ("model.safetensors",)
PAPERS = """\
SmolLM2-135M-Instruct by Hugging Face: Apache-2.0. Quantized to Q4_1.
multilingual-e5-small by Microsoft: MIT. Quantized to 4 bits, from that converted to ONNX with 8 bits.

The Apache licence: /usr/share/common-licenses/Apache-2.0 on Debian.

MIT: Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions: The above copyright notice and this permission notice shall be included in all copies
or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


class Missing(Exception):
    """The models are not where they were looked for."""


def lay(models: Path, target: Path) -> None:
    """Copy the starter models, laid out like a models folder. Raises Missing."""
    chat, embedder = models / CHAT_MODEL, models / EMBEDDER_FOLDER
    if not chat.is_file() or not (embedder / "onnx").is_dir():
        raise Missing(f"No starter models in {models}: python3 packaging/run.py --setup-only brings them.")
    target.mkdir(parents=True, exist_ok=True)
    _copy(chat, target / CHAT_MODEL)
    for path in sorted(embedder.rglob("*")):
        if path.is_file() and path.name not in LEFT_OUT:
            _copy(path, target / EMBEDDER_FOLDER / path.relative_to(embedder))


def lay_weights(models: Path, target: Path) -> None:
    """The search model's form for sentence-transformers alone. Raises Missing."""
    for name in LEFT_OUT:
        weights = models / EMBEDDER_FOLDER / name
        if not weights.is_file():
            raise Missing(f"{weights} is missing: python3 packaging/run.py --setup-only brings it.")
        _copy(weights, target / EMBEDDER_FOLDER / name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)
