"""The measures of GB/T 9704-2012 that the renderers share: millimetres, points and characters of 三号 type."""

import unicodedata
from dataclasses import dataclass

from lib.documents import Document, chinese_date

MM = 72 / 25.4  # points

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0  # mm, A4
TOP, LEFT, RIGHT, BOTTOM = 37.0, 28.0, 26.0, 35.0  # mm: 天头, 订口 and what the 156 × 225 mm 版心 leaves
BLOCK_WIDTH = PAGE_WIDTH - LEFT - RIGHT  # mm
LINES, CHARACTERS = 22, 28
LINE_PITCH = 28.95  # pt; 22 lines fill 224.7 of 225 mm
CHARACTER_PITCH = BLOCK_WIDTH * MM / CHARACTERS  # pt; a little under 16, so that 28 characters fit
MASTHEAD_TOP = 35.0  # mm from the top of the 版心 to the top edge of the 发文机关标志
RED_LINE_GAP = 4.0  # mm between 发文字号 and the red line
PAGE_NUMBER_GAP = 7.0  # mm between the 版心 and the dashes of the page number

MASTHEAD_SIZE = 48.0  # pt, of a short masthead
MASTHEAD_NARROWEST = 0.6  # width of a character to its height, as condensed masthead type has it


@dataclass(frozen=True)
class Fit:
    """Type that fills one line: height in points, width of a character to its height."""

    size: float
    stretch: float


def width_in_characters(text: str) -> float:
    """The width of a text in full-width characters; digits and Latin letters count one half."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)


def fit_masthead(text: str) -> Fit:
    """Type for a masthead on one line of the 版心: narrowed first, made smaller only when that is not enough."""
    room = BLOCK_WIDTH * MM * 0.99 / max(width_in_characters(text), 1)
    size = min(MASTHEAD_SIZE, room / MASTHEAD_NARROWEST)
    return Fit(round(size, 2), min(1.0, room / size))


def place_signature(document: Document) -> tuple[float, float]:
    """Left indents of 署名 and 成文日期 in characters.

    With a seal (§7.3.5.1) the date leaves four characters on the right and the name is centred over it; without one
    (§7.3.5.2) the name leaves two and the date starts two to the right of the name, the longer line keeping the two.
    """
    name, date = width_in_characters(document.signatory), width_in_characters(chinese_date(document.date))
    if document.sealed:
        centre = min(CHARACTERS - 4 - date / 2, CHARACTERS - name / 2)
        return max(centre - name / 2, 0), centre - date / 2
    name_left = CHARACTERS - 2 - max(name, date + 2)
    return max(name_left, 0), max(name_left, 0) + 2
