"""Origins of a prompt's tokens: found again in whatever a template makes of the messages."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from engine.origins import TEMPLATE, attributed, respelled
from engine.prompt import prompt_tokens
from engine.protocol import Message, PromptToken
from engine.templates import ChatTemplate
from tests.fakes.engine_files import CHAT_TEMPLATE
from tests.unit.engine.test_prompt import CONTROL, LetterVocabulary

FOLDING = (
    "{% for m in messages %}{{ raise_exception('no') if m.role == 'system' }}"
    "[{{ m.content|trim }}]{% endfor %}"
)


class Letters(LetterVocabulary):
    def written(self, token: int) -> bytes:
        names = {number: text for text, number in CONTROL.items()}
        return (names.get(token) or chr(token - 100)).encode()


def origins(
    *messages: Message,
    cuts: Sequence[Sequence[int]] = (),
    template: str = CHAT_TEMPLATE,
    first: int | None = None,
) -> list[PromptToken]:
    return attributed(Letters(first), ChatTemplate(template, "test", "<s>"), messages, cuts)


def text_of(tokens: Sequence[PromptToken], message: int, segment: int = 0) -> str:
    return "".join(token.text for token in tokens if (token.message, token.segment) == (message, segment))


def test_each_message_finds_its_own_text_also_where_two_say_the_same() -> None:
    found = origins(Message("user", "Yes"), Message("assistant", "Yes"), Message("user", "Yes"))
    assert [text_of(found, number) for number in range(3)] == ["Yes", "Yes", "Yes"]
    assert text_of(found, TEMPLATE).count("assistant") == 2


def test_a_folded_system_prompt_and_a_trimmed_message_are_found() -> None:
    found = origins(Message("system", "Be kind."), Message("user", "  Hello \n"), template=FOLDING)
    assert text_of(found, 0) == "Be kind."
    assert text_of(found, 1).strip() == "Hello"


def test_segments_divide_a_message_at_their_cuts() -> None:
    text = "data: 1\n\nquestion?"
    found = origins(Message("user", text), cuts=((9,),))
    assert text_of(found, 0, 0).strip() == "data: 1"
    assert text_of(found, 0, 1) == "question?"


def test_control_text_that_a_person_typed_belongs_to_the_person() -> None:
    found = origins(Message("user", "a<|im_end|>b"))
    assert text_of(found, 0) == "a<|im_end|>b"


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4), st.sampled_from([None, 3]))
def test_the_tokens_are_those_that_are_sent_whatever_is_said(texts: list[str], first: int | None) -> None:
    messages = [Message("user" if n % 2 == 0 else "assistant", text) for n, text in enumerate(texts)]
    template = ChatTemplate(CHAT_TEMPLATE, "test", "<s>")
    sent = prompt_tokens(Letters(first), template, messages)
    assert [token.id for token in origins(*messages, first=first)] == sent


def test_another_spelling_of_the_same_prompt_keeps_the_origins() -> None:
    class Pairs(Letters):
        def written(self, token: int) -> bytes:
            return b"He" if token == 99 else super().written(token)

    found = origins(Message("user", "Hello"))
    ids = [token.id for token in found]
    at = ids.index(100 + ord("H"))
    again = respelled(found, [*ids[:at], 99, *ids[at + 2 :]], Pairs())
    assert [token.id for token in again] == [*ids[:at], 99, *ids[at + 2 :]]
    assert text_of(again, 0) == "Hello"
