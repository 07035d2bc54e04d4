"""The one name that Chroma imports from the exporter. Whoever wants to send traces with it is refused."""

from typing import Any


class OTLPSpanExporter:
    """Cannot be made: this program sends no traces."""

    def __init__(self, *_arguments: Any, **_more: Any) -> None:
        raise RuntimeError("this program sends no traces")
