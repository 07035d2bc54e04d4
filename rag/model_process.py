"""How the processes of one model begin and end: their arguments, their log, their first frame.

python -m rag.<name>_worker --channel N --model PATH [--threads N]
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.frames import Frames
from rag.process import end_with_any_thread, open_channel
from rag.quiet_logs import log_to_stderr
from rag.worker_values import PROTOCOL, Ready


def serve(
    requests: type, event: Callable[[int, Ready], Any], run: Callable[[Frames[Any, Any], Path, int], None]
) -> int:
    """Say that it is ready in an `event` frame, then `run` with the pipe, the model's path and its threads
    until that returns. Ends the process, unless the other end of the pipe is gone already."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    log_to_stderr(logging.WARNING)
    end_with_any_thread()
    frames: Frames[Any, Any] = Frames(open_channel(options.channel), requests)
    try:
        frames.send(event(0, Ready(PROTOCOL, os.getpid())))
    except EOFError:
        return 0
    run(frames, options.model, options.threads)
    sys.stderr.flush()
    os._exit(0)  # native threads of the backends need no goodbye, and some hang at one
