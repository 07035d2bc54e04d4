"""Tell a reasoning model's thoughts from its answer while both stream. Knows no tokens and no model.

Models mark their thoughts in one of two ways: a pair of tags around them, or channels (OpenAI's harmony
format: https://cookbook.openai.com/articles/openai-harmony). Which tags there are, and what is taken for
one: packaging/decisions/0075.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol


class Part(NamedTuple):
    """A piece of what a model wrote, in order."""

    thought: bool
    text: str


class Tags(NamedTuple):
    opening: str
    closing: str


PAIRS: Final = (
    Tags("<think>", "</think>"),  # DeepSeek R1, Qwen3, GLM, SmolLM3, Granite 3.3 and most others
    Tags("<thinking>", "</thinking>"),
    Tags("<thought>", "</thought>"),  # EXAONE Deep
    Tags("<reasoning>", "</reasoning>"),  # Reka
    Tags("[THINK]", "[/THINK]"),  # Magistral
    Tags("<|START_THINKING|>", "<|END_THINKING|>"),  # Cohere
    Tags("<seed:think>", "</seed:think>"),  # Seed-OSS
    Tags("<|channel>thought", "<channel|>"),  # Gemma 4
    Tags("<|inner_prefix|>", "<|inner_suffix|>"),  # Apertus
    Tags("◁think▷", "◁/think▷"),  # Kimi VL
)
# sentences, which a model without such a template may well begin with
PHRASES: Final = (Tags("Here is my thought process:", "Here is my response:"),)  # Granite 3.2
# what some models put around their answer once they have thought
AROUND_ANSWER: Final = (
    Tags("<answer>", "</answer>"),
    Tags("<response>", "</response>"),
    Tags("<|START_RESPONSE|>", "<|END_RESPONSE|>"),
)
FENCES: Final = ("```", "~~~")
MARKERS: Final = (
    "<|start|>",
    "<|channel|>",
    "<|constrain|>",
    "<|message|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
)
_MARKER: Final = re.compile("|".join(map(re.escape, MARKERS)))
_LINE_CHARACTERS: Final = 64  # of a line's beginning, enough to see a fence in it


class Splitter(Protocol):
    """Takes text as it comes and gives it back in parts. Nothing given out is taken back."""

    @property
    def thinking(self) -> bool:
        """Whether what comes next would be a thought, as far as anyone can tell."""

    def push(self, text: str, *, control: bool = False) -> list[Part]:
        """`control`: `text` is the name of a control token, which no text of the model can imitate."""

    def finish(self) -> list[Part]:
        """What was held back, when nothing more comes."""


def splitter_for(template: str, prompt: str) -> Splitter:
    """What fits a model: by its template's text, and by how the prompt that it continues ends."""
    if "<|channel|>" in template and "<|message|>" in template:
        return ChannelSplitter()
    known = tuple(tags for tags in (*PAIRS, *PHRASES) if _core(tags.opening) in template)
    end = prompt.rstrip()
    opened = next((tags for tags in PAIRS if end.endswith(tags.opening)), None)
    return TagSplitter(known, opened)


def written(template: str, prompt: str, answer: str, thoughts: str) -> str:
    """What a model has written after `prompt` once it thought and answered so much: the way back."""
    if "<|channel|>" in template and "<|message|>" in template:
        thought = f"<|channel|>analysis<|message|>{thoughts}<|end|><|start|>assistant" if thoughts else ""
        return f"{thought}<|channel|>final<|message|>{answer}"
    end = prompt.rstrip()
    opened = next((tags for tags in PAIRS if end.endswith(tags.opening)), None)
    known = (tags for tags in (*PAIRS, *PHRASES) if _core(tags.opening) in template)
    tags = opened or next(known, PAIRS[0])
    thought = f"{thoughts}\n{tags.closing}\n\n"
    if opened is not None:
        return f"{thought}{answer}"
    return f"{tags.opening}\n{thought}{answer}" if thoughts else answer


class Untouched:
    """For text that is continued as it stands: whatever it holds is the reply."""

    thinking = False

    def push(self, text: str, *, control: bool = False) -> list[Part]:
        return [] if control or not text else [Part(False, text)]

    def finish(self) -> list[Part]:
        return []


class TagSplitter:
    """Thoughts stand between tags: at the reply's beginning, or at a line's where the template knows them.

    In the middle of a line, and in a code fence, a tag is text that the model writes about. `opened`: the
    prompt ended with this opening tag, so the reply begins with a thought.
    """

    def __init__(self, known: Sequence[Tags] = (), opened: Tags | None = None) -> None:
        self._first = (*PAIRS, *(tags for tags in known if tags not in PAIRS))
        self._known = list(known)
        self._tags = opened  # of the thought that is being thought
        self._begun = False  # the answer has begun
        self._thought = opened is not None  # there was one
        self._blank = True  # the thought has not begun yet
        self._said = False  # something was thought: another thought is a paragraph of its own
        self._around = ""  # what will close the answer
        self._held = ""
        self._line = ""
        self._fence = ""

    @property
    def thinking(self) -> bool:
        return self._tags is not None

    def push(self, text: str, *, control: bool = False) -> list[Part]:
        parts: list[Part] = []
        if control:
            self._control(text, parts)
        else:
            self._held += text
        while self._step(parts):
            pass
        return parts

    def finish(self) -> list[Part]:
        parts: list[Part] = []
        held, self._held = self._held, ""
        if self._tags is not None:
            self._say(parts, held.rstrip())
            return parts
        if self._thought and not self._begun:
            held = held.strip()
        return [Part(False, held)] if held else []

    def _control(self, name: str, parts: list[Part]) -> None:
        """A control token counts wherever it stands; one that is no tag of ours shows nothing."""
        if self._tags is not None:
            if name == self._tags.closing:
                self._held += name
        elif any(tags.opening.startswith(name) for tags in (*self._first, *AROUND_ANSWER)):
            if self._begun:
                parts += [Part(False, self._held)] if self._held else []
                self._held, self._begun = "", False
            self._held += name

    def _step(self, parts: list[Part]) -> bool:
        """One change of state; False when more text is needed."""
        if not self._held:
            return False
        if self._tags is not None:
            return self._think(self._tags, parts)
        if not self._begun:
            return self._begin()
        return self._answer(parts)

    def _think(self, tags: Tags, parts: list[Part]) -> bool:
        at = self._held.find(tags.closing)
        if at >= 0:
            self._say(parts, self._held[:at].rstrip())
            self._held = self._held[at + len(tags.closing) :]
            self._tags = None
            return True
        keep = begun(self._held, (tags.closing,))
        whole = self._held[: len(self._held) - keep].rstrip()
        self._say(parts, whole)
        self._held = self._held[len(whole) :]
        return False

    def _say(self, parts: list[Part], thought: str) -> None:
        if self._blank:
            thought = thought.lstrip()
            self._blank = not thought
            if thought and self._said:
                thought = "\n\n" + thought
        if thought:
            self._said = True
            parts.append(Part(True, thought))

    def _begin(self) -> bool:
        """At the reply's beginning, or after a thought: another thought, or the answer?"""
        text = self._held.lstrip()
        around = AROUND_ANSWER if self._thought else AROUND_ANSWER[-1:]
        for tags in self._first:
            if text.startswith(tags.opening):
                self._open(tags, text)
                return True
        for tags in around:
            if text.startswith(tags.opening):
                self._around, self._held = tags.closing, text[len(tags.opening) :]
                self._thought = True
                return True
        if any(tags.opening.startswith(text) for tags in (*self._first, *around)):
            return False
        if self._thought:  # the blank lines between thought and answer belong to neither
            self._held = text
        self._begun = True
        return True

    def _open(self, tags: Tags, text: str) -> None:
        if tags not in self._known:
            self._known.append(tags)
        self._held, self._blank = text[len(tags.opening) :], True
        self._tags, self._thought, self._begun, self._line = tags, True, False, ""

    def _answer(self, parts: list[Part]) -> bool:
        if not self._line.strip() and not self._fence:
            text = self._held.lstrip(" \t")
            for tags in self._known:
                if text.startswith(tags.opening):
                    self._open(tags, text)
                    return True
            if any(tags.opening.startswith(text) for tags in self._known):
                return False  # also blanks alone: they belong to a tag that follows
        line, newline, rest = self._held.partition("\n")
        if self._around and self._around in line:
            line, _, after = line.partition(self._around)
            self._around, self._held = "", after + newline + rest
            self._write(parts, line)
            return True
        keep = 0 if newline or not self._around else begun(line, (self._around,))
        self._held = line[len(line) - keep :] + rest
        line = line[: len(line) - keep]
        self._write(parts, line, newline)
        if newline:
            self._end_line()
        return bool(newline)

    def _write(self, parts: list[Part], line: str, newline: str = "") -> None:
        if line or newline:
            parts.append(Part(False, line + newline))
        self._line = (self._line + line)[:_LINE_CHARACTERS]

    def _end_line(self) -> None:
        line, self._line = self._line.strip(), ""
        if self._fence:
            self._fence = "" if line.startswith(self._fence) else self._fence
        else:
            self._fence = next((fence for fence in FENCES if line.startswith(fence)), "")


class ChannelSplitter:
    """Messages with a head and a channel each: `<|channel|>analysis<|message|>` begins a thought."""

    def __init__(self) -> None:
        self._head: list[str] | None = []  # None: in a message's body
        self._channel = ""
        self._control = False  # markers come as control tokens, so text that looks like one is text
        self._held = ""
        self._first = True
        self._said = {True: False, False: False}
        self._break = False

    @property
    def thinking(self) -> bool:
        return self._head is None and self._channel != "final"

    def push(self, text: str, *, control: bool = False) -> list[Part]:
        parts: list[Part] = []
        if control:
            if text in MARKERS:
                self._control = True
                self._take(parts, self._held)
                self._held = ""
                self._marker(text)
            return parts
        self._held += text
        if self._control:
            self._take(parts, self._held)
            self._held = ""
            return parts
        while found := _MARKER.search(self._held):
            self._take(parts, self._held[: found.start()])
            self._held = self._held[found.end() :]
            self._marker(found.group())
        keep = begun(self._held, MARKERS)
        self._take(parts, self._held[: len(self._held) - keep])
        self._held = self._held[len(self._held) - keep :]
        return parts

    def finish(self) -> list[Part]:
        parts: list[Part] = []
        self._take(parts, self._held)
        self._held = ""
        return parts

    def _marker(self, name: str) -> None:
        self._first = False
        if name == "<|message|>":
            self._channel = "".join(self._head or ()).partition("<|channel|>")[2].strip().partition(" ")[0]
            self._channel = self._channel or "final"
            self._head = None
            self._break = self._said[self.thinking]
        elif self._head is None:
            self._head = [name]
        else:
            self._head.append(name)

    def _take(self, parts: list[Part], text: str) -> None:
        if not text:
            return
        if self._first and text.strip():  # a model that does not keep to its format
            text = "".join(self._head or ()) + text
            self._first, self._head, self._channel = False, None, "final"
        if self._head is not None:
            self._head.append(text)
            return
        thought = self.thinking
        if self._break:
            text, self._break = "\n\n" + text, False
        self._said[thought] = True
        parts.append(Part(thought, text))


def begun(text: str, markers: Sequence[str]) -> int:
    """How many of the last characters of `text` may be the beginning of one of `markers`."""
    longest = max(map(len, markers)) - 1
    for length in range(min(longest, len(text)), 0, -1):
        tail = text[len(text) - length :]
        if any(marker.startswith(tail) for marker in markers):
            return length
    return 0


def _core(opening: str) -> str:
    """What of an opening tag a template shows: it may write a channel's name apart."""
    return "<|channel>" if opening.startswith("<|channel>") else opening
