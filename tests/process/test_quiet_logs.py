"""No log holds what a person wrote: a word is put into chats, documents, training and failures."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import engine.quiet_logs
import rag.quiet_logs
from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.types import ReplyOptions
from desktop.core.types.training import TrainingPlan
from desktop.process_edges import keep_log
from engine.train.specs import Settings
from tests.fakes.house import PATIENCE_S, house
from tests.process.test_no_traces import MARK, traces, use

LONG_S = 180.0


@pytest.mark.parametrize("module", [rag.quiet_logs, engine.quiet_logs])
def test_an_exception_is_logged_with_its_frames_and_names_alone(module: object) -> None:
    told: str = module.told(_failed())  # type: ignore[attr-defined]
    assert MARK not in told
    assert "builtins.KeyError" in told
    assert "RuntimeError" in told
    assert "test_quiet_logs.py" in told
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "it failed", (), (None, _failed(), None))  # type: ignore[arg-type]
    assert MARK not in module.QuietFormatter().format(record)  # type: ignore[attr-defined]


def _failed() -> BaseException:
    try:
        try:
            {}[MARK]
        except KeyError as error:
            raise RuntimeError(f"about {MARK}") from error
    except RuntimeError as error:
        return error


@pytest.fixture
def window_log(tmp_path: Path) -> Iterator[None]:
    """What the window logs, as it does."""
    before = logging.getLogger().handlers[:], logging.getLogger().level, sys.excepthook
    run = keep_log(Places.of(tmp_path / "data", tmp_path / "models"))
    assert not isinstance(run, Exception)
    yield
    run.end()
    for handler in set(logging.getLogger().handlers) - set(before[0]):
        logging.getLogger().removeHandler(handler)
        handler.close()
    logging.getLogger().setLevel(before[1])


@pytest.mark.slow
@pytest.mark.usefixtures("window_log")
def test_chats_and_their_failures_leave_no_word_in_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house(tmp_path) as core:
        chat = core.create_chat().result(PATIENCE_S).info.id
        use(core, chat)

        def defect(*_: object) -> None:
            raise ValueError(f"a defect that says {MARK}")

        monkeypatch.setattr(core._store, "call", defect)
        with pytest.raises(CoreError):
            core.check_health().result(PATIENCE_S)
        monkeypatch.undo()
        logs = core.places.logs_dir
        assert "ValueError" in (logs / "window.log").read_text("utf-8")
        assert traces(logs) == []


@pytest.mark.models
@pytest.mark.slow
@pytest.mark.usefixtures("window_log")
def test_the_real_workers_leave_no_word_in_a_log(tmp_path: Path, chat_model: Path) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "good.md").write_text(f"# {MARK}\n\nThe {MARK} opens at nine.\n" * 20)
    (documents / "broken.pdf").write_bytes(f"%PDF-1.7\n{MARK}\n".encode() * 40)
    (documents / "broken.docx").write_bytes(f"PK\x03\x04{MARK}".encode() * 40)
    core = open_core(Places.of(tmp_path / "data", chat_model.parent), others=())
    try:
        _use_everything(core, documents)
        kept = {file.name.split(".")[0].split("-")[0] for file in core.places.logs_dir.iterdir()}
        assert {"library", "reader", "engine", "trainer", "window"} <= kept
        assert traces(core.places.logs_dir) == []
    finally:
        core.close()
    assert traces(core.places.logs_dir) == []


def _use_everything(core: Services, documents: Path) -> None:
    core.set_setting("max_reply_tokens", 6).result(PATIENCE_S)
    core.index((str(documents),), "default").result(LONG_S)
    assert core.search(MARK).result(LONG_S)
    core.answer((), f"When does {MARK} open?", collections=("default",)).result(LONG_S)
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.send(chat, f"Say {MARK}.").result(LONG_S)
    bad = ReplyOptions(grammar=f'root ::= "{MARK}')
    for failing in (
        lambda: core.answer((), MARK, options=bad),
        lambda: core.load_model(str(documents / "good.md")),
        lambda: core.index((str(documents / MARK),), "default"),
    ):
        try:
            failing().result(LONG_S)
        except CoreError:
            continue
    text = documents / "train.txt"
    text.write_text(f"{MARK} and again {MARK}. The garden opens at nine. " * 300)
    settings = Settings(
        steps=3, batch=2, validate_every=2, save_every=2, sample_every=2, tell_every=1, warmup=1
    )
    shape = {"vocab": 300, "layers": 1, "heads": 2, "width": 16, "context": 32}
    core.begin_run(TrainingPlan(name="Poet", inputs=(str(text),), settings=settings, **shape)).result(LONG_S)
