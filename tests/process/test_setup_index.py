"""Real pip against indexes on loopback: which build of PyTorch the set-up gets. Wheels are made up."""

import base64
import hashlib
import http.server
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
if str(PACKAGING) not in sys.path:
    sys.path.append(str(PACKAGING))

from setup_env import torch_command, torch_index  # noqa: E402 - they lie beside the scripts, in no package

pytestmark = pytest.mark.loopback


def _wheel(folder: Path, version: str) -> None:
    name = f"torch-{version}"
    info = f"{name}.dist-info"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{path},sha256={digest},{len(text)}\n"
            wheel.writestr(path, text)
        wheel.writestr(f"{info}/RECORD", record + f"{info}/RECORD,,\n")


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[str]:
    """A registry with plain builds and an index with CPU builds: their common address."""
    for index, versions in (("registry", ["2.13.0", "2.14.0"]), ("cpu", ["2.12.0+cpu", "2.13.0+cpu"])):
        folder = tmp_path / "served" / index / "torch"
        folder.mkdir(parents=True)
        for version in versions:
            _wheel(folder, version)
        links = (
            f'<a href="{path.name.replace("+", "%2B")}">{path.name}</a>' for path in folder.glob("*.whl")
        )
        (folder / "index.html").write_text("<!DOCTYPE html><html><body>" + "\n".join(links), encoding="utf-8")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args: object) -> None:
            pass

    handler = lambda *args: Quiet(*args, directory=str(tmp_path / "served"))  # noqa: E731
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _chosen(arguments: list[str], registry: str, folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    environment |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment["NO_PROXY"] = "*"
    constraints = folder / "constraints.txt"
    constraints.write_text("torch==2.13.0\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--dest", str(folder)]
    command += ["--constraint", str(constraints), "--index-url", registry, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("torch-*.whl")
    return wheel.name.split("-")[1]


def test_with_pytorchs_index_in_reach_the_cpu_build_of_the_pinned_version_is_chosen(
    indexes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOBREMESA_TORCH_INDEX", f"{indexes}/cpu")
    index = torch_index()
    assert index == f"{indexes}/cpu"
    assert _chosen(torch_command("torch==2.13.0", index), f"{indexes}/registry", tmp_path) == "2.13.0+cpu"


def test_without_it_the_pinned_build_of_the_registry_is_chosen(
    indexes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOBREMESA_TORCH_INDEX", f"{indexes}/nothing-here")
    index = torch_index()
    assert index is None
    assert _chosen(torch_command("torch==2.13.0", index), f"{indexes}/registry", tmp_path) == "2.13.0"
