"""HTML, Word files, books and source files as pages of text with headings."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import (
    DocumentDamaged,
    DocumentProtected,
    DocumentTooLarge,
    DocumentWithoutText,
)
from rag.protocol import DocumentOpened, PageRead
from rag.reading import archives
from rag.reading.flow import Flow
from rag.reading.html import HtmlFlow, decode_html
from rag.reading.reader import read, read_as_text
from tests.data.office_writer import docx, epub, packed, paragraph, table
from tests.data.pdf_writer import Line, Page, write


def read_all(path: Path) -> tuple[DocumentOpened, list[PageRead]]:
    opened, *pages, _ = read(path)
    assert isinstance(opened, DocumentOpened)
    return opened, [page for page in pages if isinstance(page, PageRead)]


def html(tmp_path: Path, body: str, head: str = "") -> PageRead:
    path = tmp_path / "a.html"
    path.write_text(f"<!doctype html><html lang=es-ES><head>{head}</head><body>{body}</body></html>", "utf-8")
    (page,) = read_all(path)[1]
    return page


# ── HTML ──


def test_a_web_page_gives_its_text_and_headings_and_no_scripts(tmp_path: Path) -> None:
    page = html(
        tmp_path,
        "<h1>El museo</h1><p>Abre a las <b>diez</b>.<script>steal()</script></p><h2>Entradas</h2>"
        "<ul><li>siete euros<li><p>niños gratis</ul><ol start=3><li>tres</ol>"
        "<table><tr><th>Día<th>Hora<tr><td>lunes<td>10</table><style>p{}</style><noscript>no</noscript>",
        "<title>Guía</title><script>var a = '<p>no</p>'</script>",
    )
    assert page.text == (
        "El museo\n\nAbre a las diez.\n\nEntradas\n\n"
        "- siete euros\n- niños gratis\n3. tres\nDía | Hora\nlunes | 10"
    )
    assert [heading.path for heading in page.headings] == [("El museo",), ("El museo", "Entradas")]
    assert all(page.text[h.start :].startswith(h.path[-1]) for h in page.headings)
    assert page.source == "html"


def test_a_web_page_says_its_title_and_language(tmp_path: Path) -> None:
    html(tmp_path, "<p>texto", "<title>La\n guía</title>")
    assert read_all(tmp_path / "a.html")[0] == DocumentOpened(1, "La guía", "es")


def test_program_text_in_a_web_page_keeps_its_lines(tmp_path: Path) -> None:
    assert html(tmp_path, "<p>so:<pre>def f():\n    return 1</pre>done").text == (
        "so:\n\ndef f():\n    return 1\n\ndone"
    )


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<meta charset=windows-1252>\x93caf\xe9\x94", "“café”"),
        (b"<meta http-equiv=x content='text/html; charset=iso-8859-1'>\x80", "€"),
        ("<?xml version='1.0' encoding='utf-8'?>né".encode(), "né"),
        ("\ufeff<meta charset=latin1>né".encode(), "né"),
        (b"<meta charset=nonsense>caf\xe9", "café"),
    ],
)
def test_the_encoding_that_a_page_declares_counts(data: bytes, text: str) -> None:
    assert (decode_html(data) or "").endswith(text)


@given(st.text(alphabet="<>/!-abhp1tdr =\"'&;\n", max_size=200))
@settings(max_examples=200)
def test_no_markup_however_broken_stops_the_reader(text: str) -> None:
    flow = Flow()
    parser = HtmlFlow(flow)
    parser.feed(text)
    parser.close()
    for page in flow.pages():
        assert all(0 <= heading.start <= len(page.text) for heading in page.headings)


def test_a_hundred_thousand_elements_within_each_other_are_read(tmp_path: Path) -> None:
    assert html(tmp_path, "<div>" * 100_000 + "deep").text == "deep"


def test_a_web_page_without_words_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentWithoutText):
        html(tmp_path, "<script>only()</script>")


# ── Word files ──


def test_a_word_file_gives_headings_lists_and_tables(tmp_path: Path) -> None:
    body = (
        paragraph("Las salas", "Ttulo1")
        + paragraph("Hay ")
        + paragraph("El faro", "MiTtulo")
        + "<w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>primero</w:t></w:r></w:p>"
        + table([("Sala", "Año"), ("Faro", "1890")])
    )
    core = '<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Guía</dc:title></p>'
    opened, (page,) = read_all(docx(tmp_path / "a.docx", body, {"docProps/core.xml": core}))
    assert opened == DocumentOpened(1, "Guía")
    assert page.text == "Las salas\n\nHay\n\nEl faro\n\n- primero\nSala | Año\nFaro | 1890"
    assert [heading.path for heading in page.headings] == [("Las salas",), ("Las salas", "El faro")]
    assert page.source == "docx"


def test_deleted_text_and_the_second_copy_of_a_box_are_left_out_and_notes_are_read(tmp_path: Path) -> None:
    box = (
        "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{0}</w:txbxContent></mc:Choice>"
        "<mc:Fallback><w:txbxContent>{0}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>"
    ).format(paragraph("in a box"))
    deleted = "<w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del>"
    notes = paragraph("a note").join(
        [
            '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">',
            "</w:footnotes>",
        ]
    )
    path = docx(tmp_path / "a.docx", paragraph("stays", before=deleted + box), {"word/footnotes.xml": notes})
    (page,) = read_all(path)[1]
    assert sorted(page.text.split("\n\n")) == ["a note", "in a box", "stays"]


def test_pages_of_a_word_file_are_those_of_the_program_that_laid_it_out(tmp_path: Path) -> None:
    rendered = "<w:r><w:t>end of one</w:t><w:lastRenderedPageBreak/></w:r>"
    body = paragraph("one") + paragraph("begin of two", before=rendered)
    assert [page.text for page in read_all(docx(tmp_path / "a.docx", body))[1]] == [
        "one\n\nend of one",
        "begin of two",
    ]
    asked = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    body = paragraph("one") + asked + paragraph("two")
    assert [page.text for page in read_all(docx(tmp_path / "b.docx", body))[1]] == ["one", "two"]


def test_a_protected_word_file_is_no_damaged_one(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(DocumentProtected):
        list(read(path))


# ── books ──


def test_a_book_is_read_in_the_order_of_its_spine_under_its_chapters(tmp_path: Path) -> None:
    parts = {
        "b.xhtml": "<h1>El faro</h1><p>Segundo.</p><h2>De noche</h2><p>Luz.</p>",
        "a.xhtml": "<p>Primero.</p>",
    }
    titles = {"a.xhtml": "Prólogo", "b.xhtml": "El faro"}
    opened, pages = read_all(epub(tmp_path / "a.epub", parts, titles, ["a.xhtml", "b.xhtml"]))
    assert opened == DocumentOpened(2, "The Book", "es")
    assert [page.text for page in pages] == ["Primero.", "El faro\n\nSegundo.\n\nDe noche\n\nLuz."]
    assert [heading.path for page in pages for heading in page.headings] == [
        ("Prólogo",),
        ("El faro",),
        ("El faro", "De noche"),
    ]


def test_a_part_that_is_missing_or_outside_the_book_is_an_empty_page(tmp_path: Path) -> None:
    (tmp_path / "secret.xhtml").write_text("<p>secret")
    parts = {"../../secret.xhtml": "", "a.xhtml": "<p>text</p>", "/etc/passwd": ""}
    path = epub(tmp_path / "a.epub", parts, {})
    assert [page.text for page in read_all(path)[1]] == ["", "text"]


def test_a_book_with_rights_is_protected_and_one_with_hidden_fonts_is_not(tmp_path: Path) -> None:
    def rights(method: str) -> dict[str, str]:
        return {"META-INF/encryption.xml": f'<e><EncryptionMethod Algorithm="{method}"/></e>'}

    parts = {"a.xhtml": "<p>text</p>"}
    with pytest.raises(DocumentProtected):
        list(
            read(
                epub(
                    tmp_path / "a.epub", parts, {}, more=rights("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
                )
            )
        )
    path = epub(tmp_path / "b.epub", parts, {}, more=rights("http://www.idpf.org/2008/embedding"))
    assert read_all(path)[1][0].text == "text"


# ── bombs and wrecks ──


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with pytest.raises(DocumentDamaged):
        list(read(docx(tmp_path / "a.docx", paragraph("x"), before=bomb)))


def test_what_unpacks_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_MEMBER_BYTES", 1 << 20)
    path = docx(tmp_path / "a.docx", paragraph("x" * (2 << 20)))
    assert path.stat().st_size < 20_000
    with pytest.raises(DocumentTooLarge):
        list(read(path))


def test_members_together_unpack_to_no_more_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_TOTAL_BYTES", 1 << 20)
    parts = {f"{n}.xhtml": "x" * 400_000 for n in range(4)}
    with pytest.raises(DocumentTooLarge):
        list(read(epub(tmp_path / "a.epub", parts, {})))


def test_xml_of_endless_depth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentDamaged):
        list(read(docx(tmp_path / "a.docx", "<w:p>" * 10_000)))


@pytest.mark.parametrize("suffix", [".docx", ".epub"])
@pytest.mark.parametrize("data", [b"no archive", b"PK\x03\x04" + bytes(50)])
def test_what_is_no_archive_is_damaged(suffix: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    with pytest.raises(DocumentDamaged):
        list(read(path))
    with pytest.raises(DocumentDamaged):
        list(read(packed(tmp_path / f"b{suffix}", {"other": "x"})))


def test_every_cut_of_a_word_file_ends_with_a_reason_or_its_text(tmp_path: Path) -> None:
    whole = docx(tmp_path / "a.docx", paragraph("text " * 500)).read_bytes()
    path = tmp_path / "b.docx"
    for end in range(1, len(whole), 37):
        path.write_bytes(whole[:end])
        with pytest.raises(DocumentDamaged):
            list(read(path))


def test_a_pdf_under_another_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", [Page([Line(72, 100, "words")])])
    assert [page.text for page in read_all(path)[1]] == ["words"]


# ── source files ──


def test_a_source_file_keeps_its_characters_and_knows_its_language(tmp_path: Path) -> None:
    code = "class Boat:\n    def sail(self):\n        return 'x²' # ﬁne -\n\n\n\ndef row():\n\tpass"
    path = tmp_path / "a.py"
    path.write_text(code, "utf-8")
    opened, (page,) = read_all(path)
    assert opened == DocumentOpened(1, "", "python")
    assert (page.text, page.source) == (code, "code")
    assert [heading.path for heading in page.headings] == [("Boat",), ("Boat", "sail"), ("row",)]


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        (
            "a.rs",
            "pub(crate) fn draw<T>() {\n}\nimpl Boat {\n    fn row(&self) {}\n}",
            [("draw",), ("Boat",), ("Boat", "row")],
        ),
        ("a.go", "func (b *Boat) Row() {\n}\n", [("Row",)]),
        ("a.ts", "export default class Boat {\n  async function row() {}\n}", [("Boat",), ("Boat", "row")]),
        (
            "a.tex",
            "\\section{Uno}\n\\subsection{Dos}\n\\section*{Tres}",
            [("Uno",), ("Uno", "Dos"), ("Tres",)],
        ),
        ("a.sql", "select * from boats where class = 1;", []),
    ],
)
def test_definitions_are_the_headings_of_source_files(
    name: str, code: str, found: list[tuple[str, ...]], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(code)
    assert [heading.path for heading in read_all(path)[1][0].headings] == found


# ── for a question ──


def test_a_book_goes_with_a_question_as_one_text(tmp_path: Path) -> None:
    path = epub(tmp_path / "a.epub", {"a.xhtml": "<p>one</p>", "b.xhtml": "<p>two</p>"}, {})
    _, page, _ = read_as_text(path)
    assert isinstance(page, PageRead)
    assert page.text == "one\n\ntwo"
