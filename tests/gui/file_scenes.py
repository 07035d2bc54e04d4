"""Scenes of files that go with a question: in the composer, in the conversation, over the window."""

from msgspec.structs import replace

from desktop.core.types import FilePart, Problem, TextPart
from tests.fakes.samples import STATS
from tests.gui.scene_register import scene
from tests.gui.stage import Stage, settle

GUIDE = FilePart("guía del museo.pdf", "\f".join(["uno dos tres " * 60] * 12), "/a/guide.pdf", 12)
CODE = FilePart("prices.py", 'PRICES = {"adult": 7}\n\n\ndef price(kind):\n    return PRICES[kind]\n')


def _files(stage: Stage) -> None:
    core = stage.core
    core.texts["/home/ana/guide.pdf"] = GUIDE
    core.texts["/home/ana/prices.py"] = FilePart(CODE.name, CODE.text, "/home/ana/prices.py")


@scene
def scene_files_in_the_composer(stage: Stage) -> None:
    stage.open(chat=2)
    _files(stage)
    attachments = stage.session.conversation.attachments
    attachments.add_paths(["/home/ana/guide.pdf", "/home/ana/prices.py", "/home/ana/thesis.pdf"])
    settle()
    stage.core.readings[-1].progress(31, 240)
    field = stage.workspace.composer.field
    attachments.add_text("word " * 900, "Pasted text")
    field.setPlainText(stage.texts.question)
    settle()


@scene
def scene_files_refused(stage: Stage) -> None:
    stage.open(chat=2)
    _files(stage)
    stage.core.script = type(stage.core.script)(plan=type(stage.core.script.plan)(2048, 0, 0))
    attachments = stage.session.conversation.attachments
    attachments.add_paths(["/home/ana/guide.pdf", "/home/ana/scan.pdf", "/home/ana/setup.exe"])
    settle()
    scan, program = stage.core.readings
    scan.fail(Problem("document_no_text", {"file": scan.path, "pages": 3}))
    program.fail(Problem("document_not_text", {"file": program.path}))
    settle()


@scene
def scene_narrow_files_in_the_composer(stage: Stage) -> None:
    scene_files_in_the_composer(stage)


def _asked_with_files(stage: Stage) -> int:
    """The chat in front with a question that has two files, and its reply. Gives the question."""
    stage.open()
    chats = stage.core.chats
    question = chats.add_message(2, "user", stage.texts.question, files=(GUIDE, CODE))
    reply = chats.add_message(2, "assistant", model="SmolLM2-135M-Instruct")
    chats.change(replace(reply, parts=(TextPart(stage.texts.uncited),), state="complete", stats=STATS))
    stage.session.conversation.open(2)
    settle()
    return question.id


@scene
def scene_files_of_a_question(stage: Stage) -> None:
    _asked_with_files(stage)
    stage.session.show_file(CODE)
    settle(150)


@scene
def scene_editing_a_question_with_files(stage: Stage) -> None:
    question = _asked_with_files(stage)
    stage.session.conversation.messages.begin_edit(question)
    settle()


@scene
def scene_drop_zones(stage: Stage) -> None:
    stage.open(chat=2)
    stage.workspace.middle.zones.cover()
