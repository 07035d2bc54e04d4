"""A page of the sample document as a bitmap, without Qt and without pdfium: bars stand for lines."""

from rag.protocol import PageBitmap
from tests.fakes.samples import HEADINGS, PAGE_LINES, line_box

PAGES = 12
HEIGHT_PER_WIDTH = 1.4142
_PAPER = b"\xff\xff\xff\x00"
_HEADING = b"\x46\x3c\x32\x00"
_LINE = b"\xb4\xaa\xa0\x00"


def draw_page(page: int, width_px: int) -> PageBitmap:
    """The sample page, `width_px` wide: BGRx, one bar per line of its text."""
    height_px = round(width_px * HEIGHT_PER_WIDTH)
    stride = width_px * 4
    pixels = bytearray(_PAPER * (width_px * height_px))
    for number in range(len(PAGE_LINES)):
        box = line_box(number)
        left, right = round(box.left * width_px), round(box.right * width_px)
        bar = (_HEADING if number in HEADINGS else _LINE) * max(right - left, 0)
        for row in range(round(box.top * height_px), round(box.bottom * height_px)):
            at = row * stride + left * 4
            pixels[at : at + len(bar)] = bar
    return PageBitmap(page, PAGES, width_px, height_px, stride, bytes(pixels))
