"""Memory that runs out in the middle: the real engine under a limit of its address space, in the core."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from desktop import words
from desktop.core.errors import CoreError
from desktop.core.places import Places
from desktop.core.services import Services, open_core
from desktop.core.settings import Settings
from desktop.core.workers.supervisor import Launch
from tests.fakes import starved_engine_worker
from tests.fakes.engine_models import REPLY, write_tiny_model
from tests.fakes.house import PATIENCE_S, FakeLaunches

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of the address space are Linux's")


class StarvedLaunches(FakeLaunches):
    """The real engine; it starves at a moment, as long as a file says so."""

    def __init__(self, places: Places, settings: Settings, when: str, where: Path) -> None:
        super().__init__(places, settings)
        self._environment = {"SOBREMESA_STARVE_AT": when, "SOBREMESA_STARVE_IF": str(where)}

    def engine(self) -> Launch:
        fake = super().engine()
        environment = {**fake.environment, **self._environment}
        return replace(fake, module=starved_engine_worker.MODULE, environment=environment)


def tell(core: Services, chat: int, text: str) -> str:
    return core.send(chat, text).result(PATIENCE_S).text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "codes"),
    [
        ("load", {"model_load_failed"}),
        # C++ that finds no memory ends the process
        ("prompt", {"no_memory", "engine_died"}),
        ("loop", {"no_memory", "engine_died"}),
    ],
)
def test_memory_that_runs_out_ends_in_a_plain_error_and_the_conversation_stays(
    tmp_path: Path, when: str, codes: set[str]
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    write_tiny_model(models / "tiny.gguf")
    places = Places.of(tmp_path / "data", models)
    hungry = tmp_path / "hungry"
    settings = Settings(places.settings_file)
    launches = StarvedLaunches(places, settings, when, hungry)
    core = open_core(places, launches, others=())
    try:
        core.set_setting("temperature", 0.0).result(PATIENCE_S)
        core.set_setting("repeat_penalty", 1.0).result(PATIENCE_S)
        core.set_setting("context_tokens", 60_000).result(PATIENCE_S)
        chat = core.create_chat().result(PATIENCE_S).info.id
        assert tell(core, chat, "Talk.") == REPLY
        core.unload_model().result(PATIENCE_S)
        hungry.touch()
        with pytest.raises(CoreError) as refused:
            tell(core, chat, "And on. " + "word " * 3000)
        problem = refused.value.problem()
        assert problem.code in codes
        assert words.sentence(problem)
        assert words.hint(problem)
        stored = core.open_chat(chat).result(PATIENCE_S).messages
        assert [message.text for message in stored[:2]] == ["Talk.", REPLY]
        assert stored[2].text.startswith("And on. word")
        hungry.unlink()
    finally:
        core.close()
    core = open_core(places, launches, others=())
    try:
        assert tell(core, chat, "Still there?") == REPLY
    finally:
        core.close()
