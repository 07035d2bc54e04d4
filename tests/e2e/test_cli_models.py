"""The program as a person or a script starts it, with the real models, the real library and a real PDF."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.models

ROOT = Path(__file__).resolve().parents[2]
MUSEUM = ROOT / "tests" / "data" / "museum.pdf"
TICKETS_PAGE = 3
LIMIT_S = 280


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, chat_model: Path, embedding_model: Path) -> Path:
    """A data folder with short and repeatable replies, which the tests of this file share."""
    assert chat_model.is_file()
    assert embedding_model.is_dir()
    folder = tmp_path_factory.mktemp("cli") / "data"
    folder.mkdir(mode=0o700)
    settings = {"max_reply_tokens": 60, "temperature": 0.0, "seed": 1}
    (folder / "settings.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="module")
def museum(data: Path) -> dict[str, Any]:
    """The museum's guide is in the library; gives what `index --json` printed."""
    return told(sobremesa(data, "index", str(MUSEUM), "--json"))


def command(data: Path, *words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "desktop", *words, "--data-dir", str(data)]


def sobremesa(data: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(data, *words),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "LANGUAGE": "en", **environment},
        timeout=LIMIT_S,
        check=False,
    )


def told(done: "subprocess.CompletedProcess[str]", code: int = 0) -> dict[str, Any]:
    """The one JSON object on stdout; nothing on stderr."""
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_chat_answers_with_text_and_what_it_cost(data: Path) -> None:
    answer = told(sobremesa(data, "chat", "--json", "Say hello."))
    assert "hello" in answer["text"].lower()
    stats = answer["stats"]
    assert stats["prompt_tokens"] > 5
    assert 0 < stats["generated_tokens"] <= 60
    assert stats["ttft_s"] > 0
    assert stats["tokens_per_s"] > 0
    assert stats["stop_reason"] in ("end", "length")


def test_a_reply_streams_to_a_person_and_the_program_leaves_nothing_running(data: Path) -> None:
    done = sobremesa(data, "chat", "Say hello.")
    assert done.returncode == 0
    assert done.stdout.strip()
    assert done.stdout.endswith("\n")
    assert processes_on(data) == []


def test_index_says_what_became_of_the_file_and_skips_it_the_next_time(
    data: Path, museum: dict[str, Any]
) -> None:
    (document,) = museum["documents"]
    assert (document["file"], document["status"], document["reason"]) == (str(MUSEUM), "indexed", None)
    assert document["pages"] == 4
    assert document["passages"] > 4
    again = told(sobremesa(data, "index", str(MUSEUM), "--json"))
    assert again["documents"][0]["status"] == "unchanged"


@pytest.mark.usefixtures("museum")
@pytest.mark.parametrize("query", ["How much does a ticket cost?", "¿Cuánto cuesta una entrada?"])
def test_search_finds_the_page_in_either_language(data: Path, query: str) -> None:
    results = told(sobremesa(data, "search", query, "-k", "3", "--json"))["results"]
    assert len(results) == 3
    assert (results[0]["file"], results[0]["page"]) == (str(MUSEUM), TICKETS_PAGE)
    assert "seven euros" in results[0]["text"]
    assert results[0]["end"] - results[0]["start"] == len(results[0]["text"])
    assert results[0]["score"] >= results[1]["score"]


@pytest.mark.usefixtures("museum")
def test_ask_answers_with_a_citation_of_the_right_page(data: Path) -> None:
    answer = told(sobremesa(data, "ask", "How much does a ticket cost?", "--json"))
    assert "seven euros" in answer["text"].lower()
    assert answer["citations"][0]["page"] == TICKETS_PAGE
    assert answer["citations"][0]["file"] == str(MUSEUM)
    assert "seven euros" in answer["citations"][0]["quote"]
    assert answer["results"][0]["page"] == TICKETS_PAGE
    assert answer["stats"]["generated_tokens"] > 0


@pytest.mark.usefixtures("museum")
def test_ask_with_docs_draws_from_these_alone_and_shows_a_person_the_page(data: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("# Trams\n\nTram number 9 goes to the harbour every ten minutes.\n")
    done = sobremesa(data, "ask", "Which tram goes to the harbour?", "--docs", str(tmp_path / "notes.md"))
    assert done.returncode == 0
    assert "notes.md" in done.stdout
    assert "museum.pdf" not in done.stdout


def test_bad_documents_have_their_reason_and_none_left_is_an_error(data: Path, tmp_path: Path) -> None:
    bad = {"document_empty": tmp_path / "empty.pdf", "document_damaged": tmp_path / "damaged.pdf"}
    bad["document_empty"].touch()
    bad["document_damaged"].write_bytes(b"%PDF-1.7\n" + b"\x00" * 500)
    missing = tmp_path / "missing.pdf"
    answer = told(sobremesa(data, "index", *map(str, bad.values()), str(missing), "--json"), code=1)
    reasons = {Path(one["file"]).name: one["reason"] for one in answer["documents"]}
    assert reasons == {
        "empty.pdf": "document_empty",
        "damaged.pdf": "document_damaged",
        "missing.pdf": "document_missing",
    }
    assert answer["error"]["hint"]


def test_models_lists_the_starter_model_from_any_data_folder(data: Path, chat_model: Path) -> None:
    listed = told(sobremesa(data, "models", "--json"))
    assert Path(listed["folder"]) == chat_model.parent
    assert str(chat_model) in [model["path"] for model in listed["models"]]
    inspected = told(sobremesa(data, "models", "inspect", str(chat_model), "--json"))["model"]
    assert inspected["architecture"] == "llama"
    assert inspected["has_chat_template"] is True


def test_bad_model_files_are_named_in_plain_words_before_anything_is_loaded(
    data: Path, tmp_path: Path, chat_model: Path
) -> None:
    files = {
        "model_missing": tmp_path / "missing.gguf",
        "model_empty": tmp_path / "empty.gguf",
        "model_truncated": tmp_path / "truncated.gguf",
        "model_not_gguf": MUSEUM,
    }
    files["model_empty"].touch()
    with chat_model.open("rb") as model:
        files["model_truncated"].write_bytes(model.read(5_000_000))
    for code, file in files.items():
        error = told(sobremesa(data, "models", "inspect", str(file), "--json"), code=1)["error"]
        assert error["code"] == code
        assert error["message"]
        assert error["hint"]
    for code in ("model_truncated", "model_missing"):
        done = sobremesa(data, "chat", "--model", str(files[code]), "--json", "Hello")
        assert told(done, code=1)["error"]["code"] == code


def test_spanish_is_spoken_where_the_system_speaks_it(data: Path, tmp_path: Path) -> None:
    from tests.unit.i18n.conftest import compile_catalogues

    compile_catalogues()
    done = sobremesa(data, "models", "inspect", str(tmp_path / "nada.gguf"), LANGUAGE="es")
    assert done.returncode == 1
    assert "No hay ningún modelo en" in done.stderr


def test_a_command_beside_an_owner_goes_through_it(data: Path, museum: dict[str, Any]) -> None:
    assert museum
    with owner(data) as running:
        answer = told(sobremesa(data, "chat", "--json", "Say hello."))
        assert answer["stats"]["reused_tokens"] == 0
        results = told(sobremesa(data, "search", "ticket price", "--json"))["results"]
        assert results[0]["page"] == TICKETS_PAGE
        again = told(sobremesa(data, "chat", "--json", "Say hello."))
        assert again["text"] == answer["text"]
        # one engine for all of them, which still has the first prompt in its memory
        assert again["stats"]["reused_tokens"] > 0
        assert running.poll() is None


def test_commands_at_the_same_time_on_one_data_folder_all_get_their_answer(data: Path) -> None:
    words = (("chat", "--json", "Say hello."), ("models", "--json"), ("chat", "--json", "Say goodbye."))
    running = [
        subprocess.Popen(command(data, *one), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        for one in words
    ]
    answers = [json.loads(process.communicate(timeout=LIMIT_S)[0]) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert answers[0]["text"]
    assert answers[1]["models"]
    assert answers[2]["text"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_keeps_what_came_and_takes_the_workers_along(data: Path) -> None:
    settings = data / "settings.json"
    before = settings.read_text()
    settings.write_text(json.dumps({**json.loads(before), "max_reply_tokens": 0}))
    with subprocess.Popen(
        command(data, "chat", "Count from one to one thousand, one number on each line."),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        # as a terminal does: to the program and all its children
        os.killpg(process.pid, signal.SIGINT)
        rest, complaints = process.communicate(timeout=60)
    settings.write_text(before)
    assert process.returncode == 130
    assert (first + rest).strip()
    assert b"Traceback" not in complaints
    assert processes_on(data) == []


OWNER = """
import sys, time
from pathlib import Path
from desktop.core.local_socket import serve
from desktop.core.places import Places
from desktop.core.services import open_core
places = Places.of(Path(sys.argv[1]))
core = open_core(places)
server = serve(core, places)
print("ready", flush=True)
sys.stdin.readline()
server.close()
core.close()
"""


class owner:  # noqa: N801  reads as what it stands for
    """A program that holds the data folder, as the window does."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def __enter__(self) -> "subprocess.Popen[str]":
        self._process = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(self._data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"
        return self._process

    def __exit__(self, *_: object) -> None:
        self._process.communicate("\n", timeout=60)


def processes_on(data: Path) -> list[str]:
    """Programs that still work on this data folder."""
    import psutil

    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if any(str(data) in word for word in words) and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(" ".join(words))
    return found
