"""What people call a model, from the name of its file. Opens none."""

import re
from pathlib import PurePath

_NUMBERED = re.compile(r"-\d{5}-of-\d{5}$")  # one file of several
# GGUF's own quantizations and float types, as they end a file's name
_QUANTIZED = re.compile(r"[.\-_](?:i?q\d\w*|tq\d\w*|mxfp4|bf16|fp?16|fp?32)$", re.IGNORECASE)


def shown_name(path: str) -> str:
    """A model's name for people: its file's, without the quantization that is shown apart.

    Not the name inside the file: that one often tells how the model was trained rather than what it is.
    """
    stem = _NUMBERED.sub("", PurePath(path.replace("\\", "/")).name.removesuffix(".gguf"))
    return _QUANTIZED.sub("", stem) or stem
