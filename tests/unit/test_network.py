"""Only features that a person turned on may use the network: held over our source and what it stands on."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.core.network import FEATURES, off_by_default
from desktop.core.settings import SETTINGS
from desktop.core.workers.launches import OFFLINE, ONLINE

ROOT = Path(__file__).parents[2]
# whatever can open a connection, by the first words of its name
TALKERS = (
    "aiohttp",
    "asyncio",
    "chromadb.HttpClient",
    "ftplib",
    "grpc",
    "http",
    "httpx",
    "httpx2",
    "huggingface_hub",
    "imaplib",
    "multiprocessing.managers",
    "poplib",
    "PySide6.QtNetwork",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websocket",
    "websockets",
    "xmlrpc",
)
# what these do with it stays on this machine, or is only done for a feature
ON_THIS_MACHINE = {
    "desktop.cli.files": "makes a path of a file's address, on Windows",
    "desktop.process_edges": "a pair of sockets within the process wakes Qt for a signal",
    "rag.index.chroma": "names the machine's certificates, and hands a connection to rag.server.connection",
}


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Attribute) and node.attr == "HttpClient":
            yield "chromadb.HttpClient"


def talks(name: str) -> bool:
    return any(name == talker or name.startswith(f"{talker}.") for talker in TALKERS)


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("desktop", "engine", "rag"):
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts), file


def test_every_module_that_can_talk_to_the_network_belongs_to_a_feature_with_a_switch() -> None:
    talking = {name for name, file in modules() if any(talks(one) for one in imports(file))}
    of_features = {module for feature in FEATURES for module in feature.modules}
    assert talking - set(ON_THIS_MACHINE) == of_features
    assert set(ON_THIS_MACHINE) <= talking


def test_the_settings_list_every_such_feature_in_one_place_and_all_are_off() -> None:
    assert off_by_default()
    section = {declared.name for declared in SETTINGS if declared.section == "network"}
    assert {feature.setting for feature in FEATURES} <= section
    assert section == {
        "offline",
        "hub_address",
        "chroma_host",
        "chroma_port",
        "chroma_tls",
        "chroma_share",
    }  # nothing else stands there, and their helpers stand nowhere else


def test_no_client_of_chroma_is_made_with_its_telemetry() -> None:
    makers = ("PersistentClient", "HttpClient", "EphemeralClient", "Client", "CloudClient")
    made = 0
    for _, file in modules():
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            called = getattr(getattr(node, "func", None), "attr", "")
            if isinstance(node, ast.Call) and called in makers and "chromadb" in ast.unparse(node.func):
                made += 1
                assert "anonymized_telemetry=False" in ast.unparse(node), f"{file}: {ast.unparse(node)}"
    assert made == 2


@pytest.mark.parametrize("environment", [OFFLINE, ONLINE])
def test_every_worker_is_told_to_report_to_nobody(environment: dict[str, str]) -> None:
    told = {
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "OTEL_SDK_DISABLED": "true",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    assert {name: environment.get(name) for name in told} == told


def test_the_runtime_of_search_models_is_told_to_report_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    from rag.embedding.folder import ModelFolder
    from rag.embedding.onnx import OnnxEmbedder
    from rag.errors import EmbedderDamaged

    asked: list[bool] = []
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    monkeypatch.setattr(onnxruntime, "disable_telemetry_events", lambda: asked.append(True))
    weights = tmp_path / "model.onnx"
    weights.write_bytes(b"no model")
    with pytest.raises(EmbedderDamaged):
        OnnxEmbedder(ModelFolder(tmp_path, "onnx", weights, {}))
    assert asked == [True]
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"


REAL = """
import sys, socket
tried = []
real = socket.socket.connect
def connect(self, address):
    if self.family != getattr(socket, "AF_UNIX", None):
        tried.append(address)
    return real(self, address)
socket.socket.connect = connect
socket.getaddrinfo = lambda *a, **k: tried.append(a) or (_ for _ in ()).throw(OSError("no network"))
import numpy as np
from pathlib import Path
from rag.index.chroma import ChromaIndex
index = ChromaIndex(Path(sys.argv[1]), "fake/8")
from huggingface_hub import constants
from huggingface_hub.utils import send_telemetry
assert constants.HF_HUB_DISABLE_TELEMETRY and constants.HF_HUB_OFFLINE
send_telemetry("test")
import chromadb
from chromadb.config import Settings, System
told = index._client.get_settings()
assert told.anonymized_telemetry is False and not told.chroma_otel_collection_endpoint, told
import onnxruntime
from opentelemetry import trace
assert trace.get_tracer("x").start_span("y").is_recording() is False
assert tried == [], tried
print("silent")
"""


@pytest.mark.slow
def test_what_the_program_stands_on_reports_nothing_when_it_is_used(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", REAL, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **OFFLINE},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.strip() == "silent", done.stderr[-2000:]
