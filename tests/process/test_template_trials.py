"""Templates of model files are tried in a process of their own, which may be killed."""

import sys
from pathlib import Path

import pytest

from desktop.core.models import TemplateTrials
from desktop.core.types.models import ModelFile
from desktop.core.workers.supervisor import Launch
from engine.protocol import TemplateFacts
from tests.fakes.engine_files import CHAT_TEMPLATE, fake_model

ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"
# one call of native code, which no limit within the process can end
DEAF = "{% for n in range(9) %}{% endfor %}{{ ('a' * 1000000) | wordwrap(1) | wordwrap(1) | length }}" * 40


def trials(folder: Path) -> TemplateTrials:
    return TemplateTrials(lambda: Launch("engine.template_worker", folder / "template.log"))


def model(folder: Path, template: str | None) -> ModelFile:
    path = folder / "model.gguf"
    path.write_bytes(fake_model("Fake", template))
    return ModelFile(str(path), "Fake")


def test_a_template_is_tried_and_what_it_is_like_is_known_from_then_on(tmp_path: Path) -> None:
    tried = trials(tmp_path)
    found = model(tmp_path, CHAT_TEMPLATE)
    assert tried.tried(found).template == TemplateFacts("fine")
    (tmp_path / "template.log").unlink()
    assert tried.tried(found).template == TemplateFacts("fine")
    assert not (tmp_path / "template.log").exists(), "another process was started for the same template"


def test_a_file_without_a_template_needs_no_process(tmp_path: Path) -> None:
    assert trials(tmp_path).tried(model(tmp_path, None)).template == TemplateFacts("none")
    assert not (tmp_path / "template.log").exists()


@pytest.mark.slow
@pytest.mark.parametrize("template", [ENDLESS, DEAF, "{% include 'a' %}"], ids=["endless", "deaf", "file"])
def test_what_a_bad_template_does_is_over_soon_and_told(tmp_path: Path, template: str) -> None:
    facts = trials(tmp_path).tried(model(tmp_path, template)).template
    assert facts is not None
    assert facts.state == "broken"
    assert facts.why


@pytest.mark.skipif(sys.platform == "win32", reason="signals end a process otherwise there")
def test_a_process_that_dies_makes_a_broken_template_and_no_error(tmp_path: Path) -> None:
    launch = Launch("engine.no_such_module", tmp_path / "template.log")
    facts = TemplateTrials(lambda: launch).tried(model(tmp_path, CHAT_TEMPLATE)).template
    assert facts is not None
    assert (facts.state, facts.why) == ("broken", "exit code 1")


def test_where_no_process_can_be_started_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    launch = Launch("engine.template_worker", tmp_path / "file" / "template.log")
    assert TemplateTrials(lambda: launch).tried(model(tmp_path, CHAT_TEMPLATE)).template is None
