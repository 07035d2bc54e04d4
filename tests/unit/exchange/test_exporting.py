"""Chats go out whole or not at all, and what is written says what the chat says."""

import io
import json
import re
from collections.abc import Callable, Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.core.chats.store import ChatStore
from desktop.core.errors import Cancelled
from desktop.core.exchange import own
from desktop.core.exchange.conversations import Conversation, Node
from desktop.core.exchange.errors import ExportNotWritten, NothingToExport
from desktop.core.exchange.exporting import Export, free_name
from desktop.core.exchange.jsonstream import Entry, pieces
from desktop.core.exchange.pdf_pages import print_pdf
from desktop.core.exchange.readable import marked, shown
from desktop.core.exchange.whole_files import WholeFiles
from desktop.core.operations import Operation
from desktop.core.types import (
    Excerpt,
    ExcerptsPart,
    FilePart,
    Part,
    Problem,
    TextPart,
    ThoughtsPart,
    Way,
)
from desktop.core.types.exchange import Exported, ExportFormat, ExportWords
from desktop.core.types.prompts import Example, KeptPrompt
from engine.protocol import Stats, TokenDetail

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
MUSEUM = Excerpt(1, 4, 2, "/docs/museo.pdf", "Museo", 3, 0, 30, "La entrada cuesta siete euros.")
REPLY = """Siete euros [1]. Así: $a^2+b^2$ y

$$\\frac{1}{3}$$

```python
print('ñ')
```

| a | b |
|---|---|
| 1 | 2 |

![foto](https://far.example/a.png) [bien](https://example.org/x) [mal](javascript:alert(1))
<script>alert(1)</script><img src=x onerror=alert(1)>"""
CHAT = Conversation(
    "sobremesa",
    "demo",
    "Una <prueba> con ñ",
    1_700_000_000.0,
    1_700_000_100.0,
    (
        Node(
            "1",
            None,
            "user",
            (TextPart("¿Cuánto cuesta?"), ExcerptsPart((MUSEUM,)), FilePart("notas.txt", "una línea")),
            1_700_000_000.0,
        ),
        Node("2", "1", "assistant", (TextPart("Otra respuesta"),), 1_700_000_001.0, "SmolLM2"),
        Node(
            "3", "1", "assistant", (ThoughtsPart("Veamos…", 2.0), TextPart(REPLY)), 1_700_000_002.0, "SmolLM2"
        ),
    ),
    "3",
    "Sé amable.",
    prompt=KeptPrompt(examples=(Example("Hola", "Buenas"),)),
)

Write = Callable[..., Exported]


@pytest.fixture
def store(tmp_path: Path) -> ChatStore:
    made = ChatStore(tmp_path / "chats.sqlite3")
    made.absorb([CHAT])
    return made


@pytest.fixture
def write(store: ChatStore, tmp_path: Path) -> Write:
    def run(form: ExportFormat, path: str = "", operation: Operation[Any] | None = None) -> Exported:
        export = Export(
            store.outgoing,
            lambda page, file: print_pdf(page, file, lambda: False),
            ExportWords("es", "Tú", found_afterwards="después"),
            WholeFiles(tmp_path / "unfinished"),
            operation or Operation(),
        )
        return export.run(store.all_chats(), path or str(tmp_path / f"out.{form}"), form)

    return run


class _Page(HTMLParser):
    """What a browser would load, run, and show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "srcset", "data", "poster") or (tag == "link" and name == "href"):
                self.fetched.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name.startswith("on"):
                self.handlers.append(name)
            elif name == "id":
                self.ids.add(value or "")


def test_markdown_has_the_branch_that_is_shown_with_its_sources_as_footnotes(write: Write) -> None:
    text = Path(write("markdown").path).read_text("utf-8")
    assert text.startswith("# Una <prueba> con ñ\n")
    assert "Otra respuesta" not in text
    assert "Siete euros [^2-1]." in text
    assert "[^2-1]: museo.pdf, page 3: “La entrada cuesta siete euros.”" in text
    assert "> Veamos…" in text
    assert "**Attached file: notas.txt**\n\n```\nuna línea\n```" in text


@pytest.mark.parametrize("way", ["passages", "whole", "every", "page"])
def test_sources_are_footnotes_in_whatever_way_the_documents_answered(way: Way) -> None:
    asked = Node("1", None, "user", (TextPart("¿Qué página?"), ExcerptsPart((MUSEUM,), way)), 0.0)
    told = Node("2", "1", "assistant", (TextPart("- **museo**, página 3 [1]"),), 1.0)
    turns = shown(Conversation("sobremesa", "1", "museo", 0.0, 1.0, (asked, told), "2"))
    assert [source.page for source in turns[1].sources] == [3]
    assert marked(turns[1].text, lambda n: f"[^{n}]").endswith("[^1]")


def test_html_needs_nothing_from_anywhere_and_runs_nothing(write: Write) -> None:
    text = Path(write("html").path).read_text("utf-8")
    page = _Page()
    page.feed(text)
    assert page.fetched == []
    assert page.handlers == []
    assert "script" not in page.tags
    assert "url(" not in text
    assert "@import" not in text
    assert {link for link in page.links if not link.startswith("#")} == {
        "https://far.example/a.png",
        "https://example.org/x",
    }
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text


def test_html_shows_code_in_colours_formulas_as_drawings_and_sources_as_footnotes(write: Write) -> None:
    text = Path(write("html").path).read_text("utf-8")
    assert text.count("<svg") == 2
    assert "<title>\\frac{1}{3}</title>" in text
    assert re.search(r'<pre class="code"><code><span class="n.?">print</span>', text)
    assert '<a href="#s1-2-1" id="r1-2-1">[1]</a>' in text
    assert 'id="s1-2-1"' in text
    assert "Una &lt;prueba&gt; con ñ" in text
    assert 'lang="es"' in text


@pytest.mark.slow
def test_a_pdf_has_its_words_fonts_and_page_numbers_in_it(write: Write, store: ChatStore) -> None:
    long = "\n\n".join(f"Párrafo {number} con ñ y ¿qué? " + "palabra " * 60 for number in range(60))
    node = Node("1", None, "user", (TextPart(long),), 1.0)
    store.absorb([Conversation("sobremesa", "long", "Largo", 1.0, 1.0, (node,), "1")])
    reader = pypdf.PdfReader(write("pdf").path)
    text = "".join(page.extract_text() for page in reader.pages)
    for words in ("¿Cuánto cuesta?", "museo.pdf", "Párrafo 59 con ñ y ¿qué?", "Tú", f"/ {len(reader.pages)}"):
        assert "".join(words.split()) in "".join(text.split())
    assert len(reader.pages) > 3
    fonts = reader.pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    for name in fonts:
        inner = fonts[name].get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert "/FontFile2" in inner.get_object()
    assert "'Chats'" in str(reader.metadata)


def test_several_chats_go_into_one_file_or_into_a_folder_each(
    write: Write, store: ChatStore, tmp_path: Path
) -> None:
    for number in range(3):
        node = Node("1", None, "user", (TextPart("Hola"),), 1.0)
        store.absorb([Conversation("sobremesa", f"k{number}", "a/b: CON?", 1.0, 1.0, (node,), "1")])
    page = Path(write("html").path).read_text("utf-8")
    assert page.count("<article") == 4
    folder = tmp_path / "folder"
    folder.mkdir()
    assert write("markdown", str(folder)).chats == 4
    assert sorted(file.name for file in folder.iterdir()) == [
        "Una prueba con ñ.md",
        "a b CON (2).md",
        "a b CON (3).md",
        "a b CON.md",
    ]


def test_names_of_files_are_fit_for_every_system(tmp_path: Path) -> None:
    taken: set[str] = set()
    names = [
        free_name(title, ".md", taken, tmp_path) for title in ("CON", "", "..", "a\0b\n", "x" * 300, "con")
    ]
    assert names[:4] == ["_CON.md", "chat.md", "chat (2).md", "a b.md"]
    assert names[5] == "_con (2).md"
    assert len(names[4]) < 100


def test_what_cannot_be_written_leaves_what_was_there(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ExportNotWritten):
        write("html", str(tmp_path / "nowhere" / "x.html"))
    file = tmp_path / "x.json"
    file.write_text("before")
    stopped: Operation[Any] = Operation()
    stopped.cancel()
    for form in ("json", "markdown", "html"):
        with pytest.raises(Cancelled):
            write(form, str(file), stopped)
    assert file.read_text() == "before"
    assert [found.name for found in tmp_path.iterdir() if "part" in found.name] == []


def test_no_chats_are_no_export(tmp_path: Path) -> None:
    export = Export(
        lambda _chat: CHAT, lambda _page, _file: None, ExportWords(), WholeFiles(tmp_path), Operation()
    )
    with pytest.raises(NothingToExport):
        export.run((), str(tmp_path / "x.md"), "markdown")


# ── round trip ────────────────────────────────────────────────────────────────────────────────────

text = st.text(max_size=12)
time = st.floats(1.0, 4e9, allow_nan=False)
whole = st.integers(0, 10**9)
share = st.floats(0, 1)
excerpt = st.builds(
    Excerpt, whole, whole, whole, text, text, whole, whole, whole, text, heading=text, score=share
)
part: st.SearchStrategy[Part] = st.one_of(
    st.builds(TextPart, text),
    st.builds(ThoughtsPart, text, share),
    st.builds(FilePart, text, text, text, whole),
    st.builds(ExcerptsPart, st.tuples(excerpt)),
)
stats = st.builds(Stats, whole, whole, whole, time, time, st.sampled_from(["end", "length"]), whole)
nothing = st.just(())
detail = st.builds(TokenDetail, whole, text, share, share, nothing, nothing)
example = st.builds(Example, text, text)
kept = st.builds(KeptPrompt, st.booleans(), text, examples=st.lists(example, max_size=2).map(tuple))


@st.composite
def trees(draw: st.DrawFn) -> Conversation:
    """A chat of any tree, every field of every message anything that it may be."""
    nodes: list[Node] = []
    for number in range(1, draw(st.integers(1, 8)) + 1):
        parent = draw(st.sampled_from([None, *(node.key for node in nodes)]))
        role = draw(st.sampled_from(["user", "assistant", "system"]))
        nodes.append(
            Node(
                str(number),
                parent,
                role,  # type: ignore[arg-type]
                draw(st.lists(part, max_size=3).map(tuple)),
                draw(time),
                draw(text),
                draw(st.sampled_from(["complete", "stopped", "interrupted", "failed"])),  # type: ignore[arg-type]
                draw(st.none() | stats),
                draw(st.none() | st.builds(Problem, text, st.dictionaries(text, st.integers(0, 9)), text)),
                draw(st.booleans()),
                draw(st.booleans()),
                draw(st.integers(-1, 1)),
                draw(st.lists(detail, max_size=2).map(tuple)),
                draw(text),
            )
        )
    created = draw(time)
    return Conversation(
        "sobremesa",
        draw(st.uuids()).hex,
        draw(st.text(min_size=1, max_size=20)),
        created,
        created + draw(st.floats(0, 1000)),
        tuple(nodes),
        draw(st.sampled_from([node.key for node in nodes])),
        draw(text),
        draw(st.lists(text, max_size=2).map(tuple)),
        draw(st.dictionaries(text, st.integers(0, 9) | text, max_size=2)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from(["person", "model", "question"])),
        draw(st.lists(st.sampled_from(["Viajes", "Trabajo", "a"]), max_size=2).map(tuple)),
        draw(
            st.builds(
                KeptPrompt,
                st.booleans(),
                text,
                examples=st.lists(st.builds(Example, text, text), max_size=2).map(tuple),
            )
        ),
    )


def through_a_file(chats: Iterable[Conversation]) -> list[Conversation]:
    raw = b"".join(own.written(chats, 0.0))
    read = pieces(io.BytesIO(raw), own.recognises)
    return [own.conversation(piece.value) for piece in read if isinstance(piece, Entry)]


def counted(chat: Conversation) -> Conversation:
    """With keys from 1 on, as every export has them."""
    keys: dict[str | None, str | None] = {None: None}
    keys |= {node.key: str(number) for number, node in enumerate(chat.nodes, 1)}
    nodes = tuple(msgspec.structs.replace(n, key=keys[n.key], parent=keys[n.parent]) for n in chat.nodes)
    return msgspec.structs.replace(chat, nodes=nodes, leaf=keys[chat.leaf])


def everything(store: ChatStore) -> dict[str, Conversation]:
    return {chat.uid: counted(chat) for chat in map(store.outgoing, store.all_chats())}


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(chats=st.lists(trees(), min_size=1, max_size=2, unique_by=lambda chat: chat.key))
def test_export_followed_by_import_gives_the_same_trees(
    chats: list[Conversation], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    first, second = ChatStore(folder / "a.sqlite3"), ChatStore(folder / "b.sqlite3")
    try:
        first.absorb(chats)
        stored = everything(first)
        assert stored == {chat.uid: counted(chat) for chat in chats}
        second.absorb(through_a_file(first.outgoing(number) for number in first.all_chats()))
        assert everything(second) == stored
        outcomes = [done.outcome for done in second.absorb(through_a_file(stored.values()))]
        assert outcomes == ["unchanged"] * len(chats)
    finally:
        first.close()
        second.close()


# ── the schema ────────────────────────────────────────────────────────────────────────────────────


def test_the_schema_beside_the_description_is_that_of_the_code_and_an_export_keeps_it(write: Write) -> None:
    kept = json.loads((PACKAGING / "chat-export.schema.json").read_text())
    assert kept == json.loads(json.dumps(msgspec.json.schema(own.ChatsFile)))
    jsonschema.validate(json.loads(Path(write("json").path).read_bytes()), kept)


def test_every_column_of_a_chat_and_a_message_goes_out_or_is_known_not_to(store: ChatStore) -> None:
    """A new column belongs into `own.ChatRecord` or `own.MessageRecord` with a default, or here."""
    # what is compared at the moment is how a chat is looked at, not what is in it
    stays = {"chats": "id deleted_at import_digest comparison", "messages": "chat deleted_with"}
    goes = {
        "chats": "uid title system_prompt collections active_leaf pinned created_at updated_at reply_values "
        "prompt folder archived titled_by",
        "messages": "id parent role parts state model stats problem created_at pinned edited rating",
    }
    for table in ("chats", "messages"):
        columns = {row[1] for row in store._db.execute(f"PRAGMA table_info({table})")}
        assert columns == {*stays[table].split(), *goes[table].split()}
