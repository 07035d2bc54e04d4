"""What differs between two versions of a prompt."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.core.prompts.changes import changes, words
from desktop.core.types.prompts import Example, PromptContent

texts = st.text(alphabet="ab \n.", max_size=60)


def test_words_that_differ_are_named_and_all_others_stay_in_their_place() -> None:
    found = words("Answer briefly, in English.", "Answer at length, in English.")
    assert [(one.kind, one.text) for one in found] == [
        ("same", "Answer "),
        ("removed", "briefly"),
        ("added", "at length"),
        ("same", ", in English."),
    ]


@given(before=texts, after=texts)
def test_both_versions_can_be_put_together_from_what_is_told(before: str, after: str) -> None:
    found = words(before, after)
    assert "".join(one.text for one in found if one.kind != "added") == before
    assert "".join(one.text for one in found if one.kind != "removed") == after


def test_long_texts_are_compared_by_lines() -> None:
    before = "\n".join(f"line {n} of a long text" for n in range(2000))
    found = words(before, before.replace("line 7 of", "line seven of"))
    assert [one.text for one in found if one.kind == "added"] == ["line seven of a long text\n"]


def test_only_the_parts_that_differ_are_told_in_the_order_of_reading() -> None:
    before = PromptContent("Poems", "Rhyme.", (Example("a", "b"), Example("c", "d")), {"topic": "sea"})
    after = PromptContent("Poems", "Rhyme!", (Example("a", "B"),), {"topic": "rain"}, "{}")
    parts = [(one.part, one.number) for one in changes(before, after)]
    expected = [("text", 0), ("reply", 1), ("question", 2), ("reply", 2), ("defaults", 0), ("json_schema", 0)]
    assert parts == expected
    assert changes(before, before) == ()
