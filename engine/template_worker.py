"""Try chat templates in a process of their own: `python -m engine.template_worker --channel N`.

A template is foreign code, and no limit within a process ends all that such code can do. This process
has limits of its own where the system knows them, holds nothing, and whoever asks may kill it. The pipe
carries a word when the process stands, then templates as bytes of UTF-8, a TemplateFacts back for each.
"""

import contextlib
import sys
from typing import Final

import msgspec

from engine.template_facts import examine
from engine.worker import CHANNEL_OPTION, open_channel

LIMIT_S: Final = 1.5  # for one rendering; an endless template is rendered once
MEMORY_BYTES: Final = 1 << 30


def main(arguments: list[str]) -> None:
    """Answer templates until the pipe closes."""
    _limit()
    channel = open_channel(int(arguments[arguments.index(CHANNEL_OPTION) + 1]))
    with contextlib.suppress(EOFError, OSError):
        channel.send_bytes(b"ready")
        while True:
            source = channel.recv_bytes().decode("utf-8", "replace")
            channel.send_bytes(msgspec.msgpack.encode(examine(source, limit_s=LIMIT_S)))


def _limit() -> None:
    """Where the system can: so much memory and no more."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1:])
