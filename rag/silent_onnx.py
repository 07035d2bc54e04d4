"""The one door to onnxruntime, which reports to its maker where nobody forbids it. Loads no model."""

import os
from typing import Any


def silent_onnxruntime() -> Any:
    """The library, told to report nothing: before it is loaded, as the call for it comes too late for the
    first report (from version 1.29 on, on every system)."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime
