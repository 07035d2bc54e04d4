"""What every test stands on: no screen, no network, no folder of the person who runs it."""

import gc
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from desktop.garbage import Collector

# before the first Qt import of any test
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# a model is a folder here: nothing may be looked for on a hub
os.environ["HF_HUB_OFFLINE"] = "1"
# onnxruntime reports to its maker otherwise, also from a test
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
# as in the trainer's process, before the first NumPy: on a busy machine BLAS's own threads wait for each
# other, minutes where one takes seconds; and a core type that something else asked for halves products
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)

# as in the window: a core thread that collects would destroy what earlier tests have left of theirs, while
# Qt still serves it on this one
gc.disable()

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TEST_DATA = Path(__file__).resolve().parent / "data"
CHAT_MODEL = "SmolLM2-135M-Instruct.Q4_1.gguf"
EMBEDDING_MODEL = "embeddings/multilingual-e5-small"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """After its fixtures have gone."""
    yield
    _collector().look()


def pytest_sessionfinish() -> None:
    """As the program does at its end: what lies in the clipboard would be destroyed after Python is gone."""
    from PySide6.QtGui import QGuiApplication

    if QGuiApplication.instance() is not None:
        from desktop.ui.clipboard import leave_clipboard

        leave_clipboard()


@cache
def _collector() -> "Collector":
    from desktop.garbage import Collector

    return Collector()


def models_folder() -> Path:
    """Where the set-up commands put the starter models."""
    from desktop.core.places import Places

    return Places.of().models


@pytest.fixture(scope="session")
def chat_model() -> Path:
    """The real chat model. A test that asks for it fails, never skips, where it is missing."""
    path = models_folder() / CHAT_MODEL
    assert path.is_file(), f"{path} is missing: run python3 packaging/run.py --setup-only"
    return path


@pytest.fixture(scope="session")
def embedding_model() -> Path:
    """The real embedding model's folder."""
    path = models_folder() / EMBEDDING_MODEL
    assert path.is_dir(), f"{path} is missing: run python3 packaging/run.py --setup-only"
    return path


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Third-party data beside the checkout. Tests that need it are skipped elsewhere."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    return SHARED_DATA


@pytest.fixture
def test_data() -> Path:
    return TEST_DATA


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may touch the chats of the person who runs it; models stay where they are."""
    monkeypatch.setenv("SOBREMESA_DATA", str(tmp_path / "sobremesa-data"))
    monkeypatch.setenv("LANGUAGE", "en")


def pytest_configure() -> None:
    # once, before any test moves the data folder: the models stay where the set-up put them
    os.environ.setdefault("SOBREMESA_MODELS", str(models_folder()))


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> object:
    """Loopback and local sockets only; anything else is an error of the program."""
    import pytest_socket

    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()
