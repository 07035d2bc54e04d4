"""Markdown in blocks, and blocks as documents, without a window."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from desktop.ui.conversation.blocks import plain_blocks
from desktop.ui.conversation.growing import GrowingMarkdown
from desktop.ui.conversation.highlight import LIMIT, State, colored, colored_part, lexer_of
from desktop.ui.conversation.markdown import parse
from desktop.ui.conversation.render import document_of
from desktop.ui.conversation.style import Style
from desktop.ui.theme import LIGHT
from tests.fakes.samples import excerpt

SAMPLE = """# Title

A paragraph with **bold**
over two lines.

1. one
2. two

   more of two
3. three

| a | b |
|---|---|
| 1 | 2 |

```py
x = 1

y = 2
```

> quoted

Setext
======

last
"""


STEPS = """1. Install it:
   ```bash
   pip install x

     more
   ```
   and then
   - see
     ~~~py
     x = 1
     ~~~
   - | a | b |
     |---|---|
     | 1 | 2 |
2. ```
   odd
   ```
3. Done

```c
""" + "".join(f"int x{n};\n" for n in range(90))


@given(cuts=st.lists(st.integers(0, len(STEPS)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_code_in_lists_and_long_code_that_grow_have_the_blocks_of_the_whole_text(cuts: list[int]) -> None:
    growing = GrowingMarkdown()
    for begin, end in pairwise([0, *sorted(cuts), len(STEPS)]):
        growing.append(STEPS[begin:end])
    assert growing.blocks == parse(STEPS)
    assert [block.start for block in growing.blocks] == [block.start for block in parse(STEPS)]


def test_code_and_tables_in_lists_are_blocks_of_their_own_and_the_list_counts_on() -> None:
    blocks = parse(STEPS)
    kinds = ["text", "code", "text", "text", "code", "text", "text", "code", "text", "code", "code", "code"]
    assert [block.kind for block in blocks] == kinds
    assert [block.code for block in blocks[:8] if block.kind == "code"] == [
        "pip install x\n\n  more",
        "x = 1",
        "odd",
    ]
    assert [block.inset for block in blocks[:9]] == [0, 1, 1, 1, 2, 1, 0, 1, 0]
    assert [block.number for block in blocks if block.number is not None] == [1, 2, 3]
    assert all(STEPS.startswith(block.source, block.start) for block in blocks)


QUOTED = """> Look:
>
> ```python
> def f():
>     return 1  # > no mark
> ```
> after it
> > deeper
> > ```
> > a
> > ```
> - item
>   ```sh
>   ls
>     -l
>   ```
>   rest
>
> | a | b |
> |---|---|
> | 1 | 2 |

- one
  > ```js
  > y
  > ```
  > end

[^1]: A note

    ```c
    int x;
    ```

    with more.
"""


def test_code_and_tables_in_quotations_and_footnotes_are_blocks_of_their_own(qtbot: QtBot) -> None:
    blocks = parse(QUOTED)
    code = [(block.language, block.code, block.quoted) for block in blocks if block.kind == "code"]
    assert code == [
        ("python", "def f():\n    return 1  # > no mark", (0,)),
        ("", "a", (0, 0)),
        ("sh", "ls\n  -l", (0,)),
        ("js", "y", (1,)),
        ("c", "int x;", ()),
    ]
    assert [block.quoted for block in blocks if block.kind == "table"] == [(0,)]
    assert [block.bridged for block in blocks if block.quoted == (0,)] == [False] + [True] * 6
    notes = [(block.kind, block.label) for block in blocks if block.label]
    assert notes == [("note", "1"), ("code", "1"), ("text", "1")]
    assert all(QUOTED.startswith(block.source, block.start) for block in blocks)
    assert "deeper|a|item|ls\n  -l|rest" in text_of(QUOTED)


@given(cuts=st.lists(st.integers(0, len(QUOTED)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_code_in_quotations_that_grow_has_the_blocks_of_the_whole_text(cuts: list[int]) -> None:
    growing = GrowingMarkdown()
    for begin, end in pairwise([0, *sorted(cuts), len(QUOTED)]):
        growing.append(QUOTED[begin:end])
    assert growing.blocks == parse(QUOTED)
    assert [block.bridged for block in growing.blocks] == [block.bridged for block in parse(QUOTED)]


BEGUN = """- > quoted
  > more
- > ```sh
  > ls
  >   -l
  > ```
  > after
- text

  > words
  > > deep

> - > inner
>   > ```
>   > a
>   > ```

[^1]: ```py
    x
      y
    ```

    more
[^2]:
    ```
    z
    ```
[^3]: > q
    > r
"""


def test_quotations_and_code_that_begin_an_item_or_a_footnote_are_blocks_of_their_own(qtbot: QtBot) -> None:
    blocks = parse(BEGUN)
    code = [
        (block.language, block.code, block.quoted, block.label) for block in blocks if block.kind == "code"
    ]
    assert code == [
        ("sh", "ls\n  -l", (1,), ""),
        ("", "a", (0, 1), ""),
        ("py", "x\n  y", (), "1"),
        ("", "z", (), "2"),
    ]
    assert all(BEGUN.startswith(block.source, block.start) for block in blocks)
    seen = "|quoted\nmore||ls\n  -l|after|text|words|deep||inner|a|1\u2002|x\n  y|more|2\u2002|z|3\u2002|q\nr"
    assert text_of(BEGUN).replace("\u2028", "\n") == seen
    assert [block.quoted for block in blocks if block.kind == "quote"] == [(1,)]


@given(cuts=st.lists(st.integers(0, len(BEGUN)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_what_begins_an_item_or_a_footnote_has_the_blocks_of_the_whole_text_while_it_grows(
    cuts: list[int],
) -> None:
    growing = GrowingMarkdown()
    for begin, end in pairwise([0, *sorted(cuts), len(BEGUN)]):
        growing.append(BEGUN[begin:end])
    assert growing.blocks == parse(BEGUN)
    assert [block.start for block in growing.blocks] == [block.start for block in parse(BEGUN)]


def text_of(source: str) -> str:
    """What a reader sees of Markdown, blocks joined by a bar."""
    style = Style(LIGHT)
    return "|".join(document_of(block, style).toPlainText() for block in parse(source))


@given(cuts=st.lists(st.integers(0, len(SAMPLE)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_text_that_grows_has_the_blocks_of_the_whole_text(cuts: list[int]) -> None:
    growing = GrowingMarkdown()
    places = [0, *sorted(cuts), len(SAMPLE)]
    for begin, end in pairwise(places):
        growing.append(SAMPLE[begin:end])
    assert growing.text == SAMPLE
    assert growing.blocks == parse(SAMPLE)


def test_a_text_that_grows_letter_by_letter_joins_its_list() -> None:
    growing = GrowingMarkdown()
    for letter in "1. one\n\n2. two\n\n3. three\n":
        growing.append(letter)
    assert [block.kind for block in growing.blocks] == ["text"]


def test_blocks_know_their_kind_and_their_code_its_language() -> None:
    blocks = parse(SAMPLE)
    kinds = ["heading", "text", "text", "table", "code", "quote", "heading", "text"]
    assert [block.kind for block in blocks] == kinds
    assert blocks[4].language == "py"
    assert all(SAMPLE.startswith(block.source, block.start) for block in blocks)


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("a *b* **c** `d` ~~e~~", "a b c d e"),
        ("- a\n  - b\n- c", "a\nb\nc"),
        ("a\nb", "a\nb"),
        ("a  \nb", "a\nb"),
        ("<div>x</div>", "<div>x</div>"),
        ("a <b>x</b> &amp; y", "a <b>x</b> & y"),
        ("[t](javascript:alert(1))", "[t](javascript:alert(1))"),
        ("[1]: http://example.org", "[1]: http://example.org"),
        ("- ```\n  code\n  ```", "|code"),
        ("", ""),
        ("***", ""),
        ("&#x202e;abc", "\u202eabc"),
        ("a[^1]", "a1"),
        ("a[^1]: b", "a1: b"),
        ("[^1]: the *note*", "1\u2002the note"),
        ("- [x] done\n- [ ] open", "done\nopen"),
        ("1. [x] done\n2. [ ] open", "[x] done\n[ ] open"),
    ],
)
def test_what_a_reader_sees(qtbot: QtBot, source: str, seen: str) -> None:
    assert text_of(source) == seen


def test_a_list_leaves_its_numbers_room_in_large_text(qtbot: QtBot) -> None:
    for scale in (0.8, 1.0, 2.0):
        style = Style(LIGHT, scale)
        few, many = (document_of(parse(f"{n}. a\n{n + 1}. b")[0], style).indentWidth() for n in (9, 1234))
        digit = style.number_px(10) - style.number_px(1)
        assert few == style.step_px >= max(24, 2 * digit)
        assert many >= few + 2 * digit - 2


def test_markdown_built_to_nest_without_end_is_drawn_all_the_same(qtbot: QtBot) -> None:
    assert "deep" in text_of("> " * 300 + "deep")
    assert "deep" in text_of("".join("  " * i + "- x\n" for i in range(80)) + "\ndeep")
    assert "deep" in text_of("*" * 4000 + "deep" + "*" * 4000)
    assert text_of("|" * 500 + "\n" + "|-" * 500 + "\n" + "|x" * 500)


def links_in(source: str) -> list[tuple[str, str]]:
    """The text and address of each link in a paragraph."""
    document = document_of(parse(source)[0], Style(LIGHT))
    places = document.begin().begin()
    links = []
    while not places.atEnd():
        form = places.fragment().charFormat()
        if form.isAnchor():
            links.append((places.fragment().text(), form.anchorHref()))
        places += 1
    return links


@pytest.mark.parametrize(
    ("source", "links"),
    [
        ("see https://a.org/x_(y).", [("https://a.org/x_(y)", "https://a.org/x_(y)")]),
        ("(www.a.org/b)", [("www.a.org/b", "https://www.a.org/b")]),
        ("`https://a.org` javascript:alert(1) http://", []),
        ("https://a.org/\u202egro.b", [("https://a.org/", "https://a.org/")]),
        ("[t](https://b.org) a[^n]", [("t", "https://b.org"), ("n", "note:n")]),
    ],
)
def test_addresses_become_links_to_where_they_say(
    qtbot: QtBot, source: str, links: list[tuple[str, str]]
) -> None:
    assert links_in(source) == links


def test_what_is_too_large_for_a_table_or_a_paragraph_is_shown_as_typed(qtbot: QtBot) -> None:
    table = "|a|b|\n|---|---|\n" + "|x|y|\n" * 5_000
    for source in (table, "word **bold** " * 70_000, "[" * 4_000):
        blocks = parse(source)
        assert {block.kind for block in blocks} == {"plain"}
        assert max(len(block.source) for block in blocks) <= 4_000
        joined = "".join(("" if b.glued or not i else "\n") + b.source for i, b in enumerate(blocks))
        assert joined == source.rstrip("\n")


def test_a_reply_that_grows_beyond_a_paragraphs_limit_goes_on_as_typed() -> None:
    growing = GrowingMarkdown("word " * 5_000)
    assert growing.append("more " * 100) >= len(growing.blocks) - 2
    growing.append("\n\nAnd *this*.")
    assert growing.blocks[-1].kind == "text"
    assert growing.blocks[-1].source == "And *this*."


def test_footnotes_stand_by_themselves_one_after_the_other() -> None:
    blocks = parse("Text[^a].\n\n[^a]: one\n[^b]: two\n    and more\n")
    assert [(block.kind, block.label) for block in blocks] == [("text", ""), ("note", "a"), ("note", "b")]


def test_only_numbers_that_name_an_excerpt_become_links(qtbot: QtBot) -> None:
    document = document_of(
        parse("a [1], [2, 3] and [9]")[0], Style(LIGHT), (excerpt(1), excerpt(2), excerpt(3))
    )
    links = []
    places = document.begin().begin()
    while not places.atEnd():
        form = places.fragment().charFormat()
        if form.isAnchor():
            links.append((places.fragment().text(), form.anchorHref()))
        places += 1
    assert links == [("[1]", "cite:1"), ("2", "cite:2"), ("3", "cite:3")]
    assert document.toPlainText() == "a [1], [2, 3] and [9]"


def test_code_is_coloured_by_its_language_and_keeps_every_character() -> None:
    code = "def f(x):\n    return 'a'  # b\n"
    runs = list(colored(code, lexer_of("python")))
    assert "".join(text for text, _ in runs) == code
    assert {"accent", "sage", "muted"} <= {color for _, color in runs}
    assert list(colored(code, lexer_of("no such language"))) == [(code, "text")]
    assert list(colored("x = 1\n" * LIMIT, lexer_of("python"))) == [("x = 1\n" * LIMIT, "text")]


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("python", ['def f():\n    """one\n', "two\n", 'three"""\n    return 1\n']),
        ("c", ["int x; /* one\n", "two\n", "three */ int y;\n"]),
        ("yaml", ["a: 1\n", "b: two\n"]),  # a lexer that cannot go on in the middle
    ],
)
def test_parts_of_a_code_have_the_colours_of_the_whole(language: str, parts: list[str]) -> None:
    lexer, state = lexer_of(language), State()
    seen = ""
    for part in parts:
        runs, state = colored_part(part, lexer, state)
        assert "".join(text for text, _ in runs) == part
        seen += "".join(color[0] * len(text) for text, color in runs)
    whole = "".join(color[0] * len(text) for text, color in colored("".join(parts), lexer))
    blank = [at for at, letter in enumerate("".join(parts)) if letter.isspace()]
    assert [seen[at] for at in range(len(seen)) if at not in blank] == [
        whole[at] for at in range(len(whole)) if at not in blank
    ]


def test_a_persons_text_is_kept_as_typed(qtbot: QtBot) -> None:
    typed = "# not a title\n\n  *stars*\n" + "\n".join(str(i) for i in range(100))
    drawn = "\n".join(document_of(block, Style(LIGHT)).toPlainText() for block in plain_blocks(typed))
    assert drawn == typed
