"""What is typed after `sobremesa train` becomes requests. No process is started here."""

from pathlib import Path

import pytest

from desktop.cli.arguments import parsed
from desktop.cli.train import Missing, requests_of
from desktop.core.errors import TrainPlanUnreadable
from engine.train.errors import BadShape, RunExists
from engine.train.prepare import prepare
from engine.train.protocol import Evaluate, Export, PrepareText, Train, Work
from engine.train.specs import FineTune, Pretrain
from tests.unit.train.texts import story

MODELS = Path("/models")


class Gathered:
    """Conforms to `desktop.cli.train.Material`."""

    def examples(self, path: str) -> None:
        Path(path).write_text("", encoding="utf-8")

    def texts(self, collections: tuple[str, ...]) -> str:
        return "/texts/" + "+".join(collections)


GATHERED = Gathered()


def asked(*words: str, models: Path = MODELS) -> list[Work]:
    return list(requests_of(parsed(["train", *words]), 2, models, GATHERED))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    source = tmp_path / "story.txt"
    source.write_text(story(200), encoding="utf-8")
    prepare([source], tmp_path / "data", characters=True)
    return tmp_path / "data"


def test_every_phase_becomes_one_request(data: Path) -> None:
    assert asked("prepare", "/a", "/b", "--vocab", "512", "--out", "/d") == [
        PrepareText(("/a", "/b"), "/d", vocab=512)
    ]
    (grown,) = asked("pretrain", "--data", str(data), "--layers", "3", "--steps", "9", "--out", "/r")
    assert isinstance(grown, Train)
    assert isinstance(grown.task, Pretrain)
    assert (grown.task.config.layers, grown.settings.steps, grown.settings.threads) == (3, 9, 2)
    (taught,) = asked("finetune", "--base", "/m.gguf", "--data", "/f.csv", "--kind", "labels", "--out", "/r")
    assert isinstance(taught, Train)
    assert taught.task == FineTune(base="/m.gguf", data="/f.csv", kind="labels")
    assert asked("evaluate", "/r", "--text", "/t.txt", "--prompt", "Hi") == [
        Evaluate("/r", ("/t.txt",), "", ("Hi",))
    ]
    assert asked("export", "/r", "--form", "folder", "--out", "/o") == [Export("/r", "/o", form="folder")]


def test_documents_of_the_library_are_prepared_beside_files() -> None:
    assert asked("prepare", "/a", "--documents", "law", "--documents", "tax", "--out", "/d") == [
        PrepareText(("/a", "/texts/law+tax"), "/d")
    ]
    assert asked("prepare", "--documents", "law", "--out", "/d") == [PrepareText(("/texts/law",), "/d")]


def test_chats_are_learnt_from_by_a_file_in_the_folder_of_the_run(tmp_path: Path) -> None:
    out = tmp_path / "runs" / "mine"
    (taught,) = asked("finetune", "--base", "/m.gguf", "--chats", "--out", str(out))
    assert isinstance(taught, Train)
    assert taught.task == FineTune(base="/m.gguf", data=str(out / "examples.jsonl"))
    (again,) = asked("finetune", "--chats", "--resume", "--out", str(out))
    assert isinstance(again, Train)
    assert again.task is None
    (out / "run.json").touch()
    with pytest.raises(RunExists):
        asked("finetune", "--base", "/m.gguf", "--chats", "--out", str(out))
    with pytest.raises(Missing):
        asked("finetune", "--base", "/m.gguf", "--chats", "--data", "/f.csv", "--out", str(tmp_path / "x"))


def test_a_run_that_goes_on_needs_no_data() -> None:
    (again,) = asked("pretrain", "--resume", "--out", "/r")
    assert isinstance(again, Train)
    assert again.task is None


def test_a_model_without_a_folder_goes_to_the_models_and_takes_no_other_s_place(tmp_path: Path) -> None:
    def out(*words: str) -> str:
        (request,) = asked("export", "/runs/mine", *words, models=tmp_path)
        assert isinstance(request, Export)
        return request.out

    assert out("--out", "m.gguf") == str(tmp_path / "m.gguf")
    assert out("--out", "/elsewhere/m.gguf") == "/elsewhere/m.gguf"
    assert out() == str(tmp_path / "mine.gguf")
    (tmp_path / "mine.gguf").touch()
    assert out() == str(tmp_path / "mine-2.gguf")
    assert out("--name", "Ana") == str(tmp_path / "Ana.gguf")


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("prepare", "--out", "/d"), "inputs"),
        (("prepare", "/a"), "out"),
        (("pretrain", "--out", "/r"), "data"),
        (("finetune", "--data", "/f", "--out", "/r"), "base"),
        (("evaluate",), "model"),
        (("export",), "run"),
        (("all",), "plan"),
    ],
)
def test_what_a_phase_cannot_do_without_is_named(words: tuple[str, ...], missing: str) -> None:
    with pytest.raises(Missing, match=missing):
        asked(*words)


def test_sizes_of_which_no_model_can_be_made_are_refused(data: Path) -> None:
    for words in (("--width", "30", "--heads", "4"), ("--layers", "0"), ("--context", "99999999")):
        with pytest.raises(BadShape):
            asked("pretrain", "--data", str(data), "--out", "/r", *words)


def test_a_plan_names_every_phase_with_paths_from_where_it_lies(data: Path) -> None:
    plan = data.parent / "plan.toml"
    plan.write_text(
        '[prepare]\ninputs = ["story.txt"]\nout = "data"\ncharacters = true\n'
        '[pretrain]\ndata = "data"\nout = "run"\nlayers = 1\nvalidate-every = 5\n'
        '[export]\nrun = "run"\nout = "m.gguf"\nkind = "F32"\n',
        encoding="utf-8",
    )
    first, grown, last = asked("all", "--plan", str(plan))
    assert first == PrepareText((str(plan.parent / "story.txt"),), str(data), characters=True)
    assert isinstance(grown, Train)
    assert isinstance(grown.task, Pretrain)
    assert (grown.run, grown.settings.validate_every) == (str(plan.parent / "run"), 5)
    assert last == Export(str(plan.parent / "run"), "/models/m.gguf", kind="F32")
    # what is typed goes before what is planned
    (typed,) = asked("pretrain", "--plan", str(plan), "--layers", "2")
    assert isinstance(typed, Train)
    assert isinstance(typed.task, Pretrain)
    assert typed.task.config.layers == 2


BAD_STEPS = '[pretrain]\nout = "r"\ndata = "data"\nsteps = "x"\n'


@pytest.mark.parametrize("text", ["", "[prepare", "[cook]\na = 1\n", "prepare = 3\n", BAD_STEPS])
def test_a_plan_that_is_none_is_told(text: str, data: Path) -> None:
    plan = data.parent / "plan.toml"
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(TrainPlanUnreadable):
        asked("all", "--plan", str(plan))
