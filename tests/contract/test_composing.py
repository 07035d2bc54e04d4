"""What every core does with files of a question, drafts, unfinished edits and the map of a chat."""

from desktop.core.contract import Core
from desktop.core.types import FilePart
from desktop.core.types.composing import Draft
from tests.contract.test_message_trees import asked, code_of, shown
from tests.fakes.house import PATIENCE_S

NOTES = FilePart("notes.txt", "The gate opens at nine.", "/home/ana/notes.txt")
GUIDE = FilePart("guide.pdf", "first page\fsecond page", "/home/ana/guide.pdf", 2)


def test_files_stay_with_their_question_in_their_order(core: Core) -> None:
    chat = core.create_chat().result(PATIENCE_S).info.id
    reply = core.send(chat, "When?", (NOTES, GUIDE)).result(PATIENCE_S)
    question = shown(core, chat)[0]
    assert (question.text, question.files) == ("When?", (NOTES, GUIDE))
    core.regenerate(reply.id).result(PATIENCE_S)
    assert shown(core, chat)[0].files == (NOTES, GUIDE)


def test_a_file_alone_is_a_question_and_names_its_chat(core: Core) -> None:
    opened = core.create_chat().result(PATIENCE_S)
    core.send(opened.info.id, "  ", (GUIDE, NOTES)).result(PATIENCE_S)
    assert shown(core, opened.info.id)[0].text == ""
    assert core.open_chat(opened.info.id).result(PATIENCE_S).info.title == "guide.pdf"


def test_a_question_with_a_file_names_its_chat_by_what_was_written(core: Core) -> None:
    opened = core.create_chat().result(PATIENCE_S)
    core.send(opened.info.id, "When does it open?", (NOTES,)).result(PATIENCE_S)
    assert core.open_chat(opened.info.id).result(PATIENCE_S).info.title == "When does it open?"


def test_a_question_in_other_words_keeps_its_files_or_takes_others(core: Core) -> None:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.send(chat, "When?", (NOTES, GUIDE)).result(PATIENCE_S)
    core.send_edited(shown(core, chat)[0].id, "And when?").result(PATIENCE_S)
    assert shown(core, chat)[0].files == (NOTES, GUIDE)
    core.send_edited(shown(core, chat)[0].id, "And now?", (GUIDE,)).result(PATIENCE_S)
    assert shown(core, chat)[0].files == (GUIDE,)
    core.edit_message(shown(core, chat)[0].id, "And then?", ()).result(PATIENCE_S)
    assert [(m.text, m.files) for m in shown(core, chat)[:1]] == [("And then?", ())]
    assert code_of(core.send_edited(shown(core, chat)[0].id, " ", ())) == "empty_question"


def test_a_draft_has_its_text_and_its_files_and_each_is_saved_by_itself(core: Core) -> None:
    chat = core.create_chat().result(PATIENCE_S).info.id
    core.save_draft(chat, "When").result(PATIENCE_S)
    core.save_draft_files(chat, (NOTES,)).result(PATIENCE_S)
    core.save_draft_files(0, (GUIDE,)).result(PATIENCE_S)
    core.save_draft(chat, "When?").result(PATIENCE_S)
    drafts = core.list_drafts().result(PATIENCE_S)
    assert drafts == {0: Draft("", (GUIDE,)), chat: Draft("When?", (NOTES,))}
    core.save_draft(chat, "").result(PATIENCE_S)
    core.save_draft_files(0, ()).result(PATIENCE_S)
    assert core.list_drafts().result(PATIENCE_S) == {chat: Draft("", (NOTES,))}
    core.save_draft_files(chat, ()).result(PATIENCE_S)
    assert core.list_drafts().result(PATIENCE_S) == {}


def test_an_unfinished_edit_is_kept_by_its_message_until_it_is_let_go(core: Core) -> None:
    chat, (question, reply) = asked(core, "How much?")
    core.save_edit(question.id, "How much is", (NOTES,)).result(PATIENCE_S)
    core.save_edit(reply.id, "Eight").result(PATIENCE_S)
    core.save_edit(question.id, "How much is it?", (NOTES,)).result(PATIENCE_S)
    edits = core.list_edits().result(PATIENCE_S)
    assert [(e.chat, e.message, e.text, e.files) for e in edits] == [
        (chat, reply.id, "Eight", ()),
        (chat, question.id, "How much is it?", (NOTES,)),
    ]
    core.save_edit(reply.id, None).result(PATIENCE_S)
    assert [e.message for e in core.list_edits().result(PATIENCE_S)] == [question.id]


def test_the_map_of_a_chat_has_every_branch_and_the_path_that_is_shown(core: Core) -> None:
    chat, (question, first) = asked(core, "How\n much?")
    second = core.regenerate(first.id).result(PATIENCE_S)
    core.send(chat, "", (NOTES, GUIDE)).result(PATIENCE_S)
    core.activate(first.id).result(PATIENCE_S)
    tree = core.chat_tree(chat).result(PATIENCE_S)
    assert tree.shown == (question.id, first.id)
    nodes = {node.id: node for node in tree.nodes}
    assert (nodes[question.id].words, nodes[question.id].parent) == ("How much?", None)
    assert {n.id for n in tree.nodes if n.parent == question.id} == {first.id, second.id}
    (files,) = (node for node in tree.nodes if node.parent == second.id)
    assert (files.role, files.words) == ("user", "notes.txt, guide.pdf")
    core.delete_message(second.id).result(PATIENCE_S)
    assert [node.id for node in core.chat_tree(chat).result(PATIENCE_S).nodes] == [question.id, first.id]


def test_what_files_weigh_is_told_for_each_and_with_all_that_must_stay(core: Core) -> None:
    long = FilePart("long.txt", "word " * 20_000)
    chat, _messages = asked(core, "How much?")
    small = core.measure_files(chat, "When?", (NOTES,)).result(PATIENCE_S)
    assert small.fits
    assert 0 < small.tokens[0] < small.limit_tokens
    large = core.measure_files(0, "When?", (NOTES, long)).result(PATIENCE_S)
    assert not large.fits
    assert large.tokens[0] == small.tokens[0]
    assert large.needed_tokens >= large.tokens[1] > large.limit_tokens
