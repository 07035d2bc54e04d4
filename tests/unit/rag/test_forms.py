"""What was filled into forms, among the text around it."""

from pathlib import Path

from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from rag.protocol import PageRead
from rag.reading.reader import read
from rag.reading.runs import boxes_for
from tests.data.pdf_writer import Line, Page, write


def field(kind: str, name: str, box: tuple[float, float, float, float], **more: object) -> DictionaryObject:
    """A widget; `box` in points from the page's bottom left corner."""
    made = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject(kind),
            NameObject("/T"): TextStringObject(name),
            NameObject("/F"): NumberObject(4),
            NameObject("/Rect"): ArrayObject([FloatObject(number) for number in box]),
        }
    )
    made.update({NameObject(f"/{key}"): value for key, value in more.items()})
    return made


def form(path: Path, lines: list[Line], fields: list[DictionaryObject]) -> Path:
    """A page with these lines and these fields."""
    writer = PdfWriter(clone_from=write(path, [Page(lines)]))
    numbers = ArrayObject([writer._add_object(made) for made in fields])
    writer.pages[0][NameObject("/Annots")] = numbers
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): numbers, NameObject("/NeedAppearances"): BooleanObject(True)}
    )
    writer.write(path)
    return path


def page_of(path: Path) -> PageRead:
    (page,) = (event for event in read(path) if isinstance(event, PageRead))
    return page


def test_values_stand_behind_their_labels_and_are_found_on_the_page(tmp_path: Path) -> None:
    lines = [Line(72, 100, "Nombre:"), Line(72, 130, "Municipio:"), Line(72, 160, "Socio")]
    fields = [
        field("/Tx", "name", (150, 736, 400, 752), V=TextStringObject("María Núñez Ibáñez")),
        field("/Ch", "town", (150, 706, 400, 722), V=TextStringObject("Cádiz"), Ff=NumberObject(1 << 17)),
        field("/Btn", "member", (150, 678, 162, 690), V=NameObject("/Yes"), AS=NameObject("/Yes")),
    ]
    page = page_of(form(tmp_path / "a.pdf", lines, fields))
    assert page.text.splitlines()[:2] == ["Nombre: María Núñez Ibáñez", "Municipio: Cádiz"]
    start = page.text.index("Núñez")
    (box,) = boxes_for(page.runs, start, start + 5)
    assert 0.25 < box.left < box.right < 0.68
    assert abs((box.top + box.bottom) / 2 - (842 - 744) / 842) < 0.01


def test_a_large_field_keeps_its_lines_below_what_stands_above(tmp_path: Path) -> None:
    lines = [Line(72, 100, "Observaciones"), Line(72, 300, "Firma")]
    notes = TextStringObject("La primera línea.\rLa segunda línea.")
    fields = [field("/Tx", "notes", (72, 560, 400, 730), V=notes, Ff=NumberObject(1 << 12))]
    text = page_of(form(tmp_path / "a.pdf", lines, fields)).text
    assert text.splitlines() == ["Observaciones", "La primera línea.", "La segunda línea.", "Firma"]


def test_passwords_hidden_and_empty_fields_are_not_read(tmp_path: Path) -> None:
    secret = TextStringObject("swordfish")
    fields = [
        field("/Tx", "password", (150, 736, 400, 752), V=secret, Ff=NumberObject(1 << 13)),
        field("/Tx", "hidden", (150, 706, 400, 722), V=secret, F=NumberObject(2)),
        field("/Tx", "empty", (150, 676, 400, 692)),
    ]
    assert page_of(form(tmp_path / "a.pdf", [Line(72, 100, "Clave:")], fields)).text == "Clave:"


def test_the_filled_copy_of_a_real_form_gives_what_was_filled_in(shared_data: Path, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=shared_data / "pdf" / "pdflatex-forms.pdf")
    values = {"Name": "María Núñez", "Check": "/Yes"}
    writer.update_page_form_field_values(writer.pages[0], values, auto_regenerate=False)
    path = tmp_path / "filled.pdf"
    writer.write(path)
    assert page_of(path).text.splitlines()[:2] == ["Name María Núñez", "Check ☑"]
