"""How native code ends a process or stops answering, for fakes that play it."""

import contextlib
import os
import signal
import time


def die(number: signal.Signals) -> None:
    os.write(2, b"fake engine: native code is about to fail\n")
    with contextlib.suppress(ImportError):  # no core files from tests
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), number)
    hang()


def hang() -> None:
    while True:
        time.sleep(3600)
