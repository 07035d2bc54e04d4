"""Turn the pages of a PDF into pictures of themselves, as a scanner does. For tests; uses pdfium."""

from collections.abc import Collection
from pathlib import Path

import pypdfium2 as pdfium

DPI = 200


def scanned(source: Path, target: Path, pages: Collection[int] = ()) -> Path:
    """A copy in which `pages` (from 1; none: all) are pictures without text."""
    with pdfium.PdfDocument(source) as document, pdfium.PdfDocument.new() as made:
        for number in range(1, len(document) + 1):
            if pages and number not in pages:
                made.import_pages(document, [number - 1])
                continue
            page = document[number - 1]
            width, height = page.get_size()
            picture = pdfium.PdfImage.new(made)
            picture.set_bitmap(page.render(scale=DPI / 72))
            picture.set_matrix(pdfium.PdfMatrix().scale(width, height))
            sheet = made.new_page(width, height)
            sheet.insert_obj(picture)
            sheet.gen_content()
        made.save(target)
    return target
