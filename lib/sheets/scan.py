"""One pass over the XML of an xlsx: what the parser would not tell us, and what it must never be given."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from posixpath import normpath
from xml.etree import ElementTree

from .guard import (
    BAD_MEMBER,
    BAD_XML,
    CHUNK,
    DAMAGED,
    EICAR,
    EXTERNAL,
    INFECTED,
    MACROS,
    OUT_OF_RANGE,
    ZIP_MAGIC,
    Limits,
    Refused,
    inflate,
)

_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_REL_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}"
_SHEET_FOLDERS = ("xl/worksheets/", "xl/chartsheets/", "xl/dialogsheets/")
_BOOK, _BOOK_RELS, _TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[content_types].xml"
_LONGEST_ROW = 8 * CHUNK
_LETTERS, _DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"0123456789"


@dataclass
class SheetScan:
    """Facts of one worksheet part. Positions are (row from 1, column from 0)."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    without_value: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: int = 0
    merges: int = 0
    cells: int = 0
    last_row: int = 0
    last_column: int = 0
    part: str = ""  # name of the member
    size: int = 0  # bytes of XML
    prefix: bytes = b""  # of the namespace, with its colon
    usual: bool = True  # every cell says where it stands, no comments: the rows may be read in slices


@dataclass
class Package:
    """Facts of the whole xlsx."""

    sheets: dict[str, SheetScan] = field(default_factory=dict)
    date1904: bool = False
    pictures: bool = False


@dataclass(frozen=True)
class _Patterns:
    """The usual way of writing a sheet: no odd quotes, the reference first, one namespace prefix throughout."""

    prefix: bytes
    filled: re.Pattern[bytes]
    blank: re.Pattern[bytes]
    formula: re.Pattern[bytes]
    error: re.Pattern[bytes]
    hidden: re.Pattern[bytes]


@lru_cache(maxsize=8)
def _patterns(prefix: bytes) -> _Patterns:
    """`prefix` is the namespace prefix of the file with its colon: b"" or b"x:"."""
    p = re.escape(prefix)
    ref = rb'r="([A-Z]+)(\d+)"'
    return _Patterns(
        prefix=b"<" + prefix,
        filled=re.compile(b"<" + p + rb'c r="([A-Z]+\d+)"[^>/]*>'),
        blank=re.compile(b"<" + p + rb'c r="[A-Z]+\d+"[^>/]*/>'),
        formula=re.compile(
            b"<" + p + b"c " + ref + rb"([^>]*)><" + p + rb"f(?:\s[^>]*)?(?:/>|>([^<]*)</" + p + rb"f>)"
            rb"(<" + p + rb"v[^>]*>[^<])?"
        ),
        error=re.compile(b"<" + p + b"c " + ref + rb'[^>]*\bt="e"'),
        hidden=re.compile(b"<" + p + rb'row\s[^>]*\bhidden="(?:1|true)"'),
    )


# The unusual ways, met only in hand-made files: slower, and stricter than the parser behind us.
_CELL_LIKE = re.compile(rb"<(?:[\w.-]+:)?c(?=[\s/>])((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ROW_LIKE = re.compile(rb"<(?:[\w.-]+:)?row(?=\s)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([^\"']*)[\"']")


def column_number(letters: bytes) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def scan_package(data: bytes, archive: zipfile.ZipFile, limits: Limits) -> Package:
    """Every member inflated once and counted; refusals 7, 8, 9, 11, 12, 14, 15, 17, 24 of the bad-input list."""
    package = Package()
    small: dict[str, bytes] = {}
    scans: dict[str, SheetScan] = {}
    for member in archive.infolist():
        name = member.filename.lower()
        pieces = _checked(data, member)
        if name.startswith(_SHEET_FOLDERS) and name.endswith(".xml"):
            scans[name] = _scan_sheet(pieces, limits)
            scans[name].part, scans[name].size = member.filename, member.file_size
        elif name in (_BOOK, _BOOK_RELS, _TYPES):
            small[name] = b"".join(pieces)
        else:
            for _ in pieces:
                pass
        package.pictures |= name.startswith(("xl/media/", "xl/embeddings/")) and not name.endswith("/")
    _read_workbook_part(package, small, scans)
    return package


def _checked(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The pieces of a member, refused at the first forbidden byte sequence, even one across two pieces."""
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    tail = b""
    for number, piece in enumerate(inflate(data, member)):
        if number == 0:
            if piece.startswith(ZIP_MAGIC) and not member.filename.startswith("xl/embeddings/"):
                raise Refused(BAD_MEMBER)
            # Another encoding would hide declarations from the byte search below.
            if is_xml and (piece[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in piece[:4]):
                raise Refused(BAD_XML)
            declared = re.match(rb"[^<]{0,3}<\?xml[^>]*encoding=[\"']([\w-]+)", piece) if is_xml else None
            if declared and declared[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
                raise Refused(BAD_XML)
        edge = tail + piece[:80]
        if EICAR in piece or EICAR in edge:
            raise Refused(INFECTED)
        if is_xml and (_declares(piece) or _declares(edge)):
            raise Refused(BAD_XML)
        tail = piece[-80:]
        yield piece


def _declares(piece: bytes) -> bool:
    return b"<!" in piece and (b"<!DOCTYPE" in piece or b"<!ENTITY" in piece)


def _scan_sheet(pieces: Iterator[bytes], limits: Limits) -> SheetScan:
    scan, patterns, rest = SheetScan(), None, b""
    for piece in pieces:
        block = rest + piece
        if patterns is None:
            found = re.search(rb"<(\w+:)?sheetData", block)
            if not found and len(block) < CHUNK:
                rest = block
                continue
            scan.prefix = found[1] or b"" if found else b""
            patterns = _patterns(scan.prefix)
        # Cut at a row, so that no cell is seen in halves.
        cut = block.rfind(patterns.prefix + b"row")
        if cut <= 0:
            cut = len(block) if len(block) > _LONGEST_ROW else 0
        rest = block[cut:]
        _scan_block(scan, block[:cut], patterns, limits)
    _scan_block(scan, rest, patterns or _patterns(b""), limits)
    return scan


def _scan_block(scan: SheetScan, block: bytes, patterns: _Patterns, limits: Limits) -> None:
    _measure(scan, _filled(scan, block, patterns), limits)
    scan.usual &= b"<!" not in block
    if b" hidden=" in block:
        scan.hidden_rows += len(patterns.hidden.findall(block))
    scan.merges += block.count(patterns.prefix + b"mergeCell ")
    if scan.merges > limits.max_merges:
        raise Refused(f"合并单元格太多（超过{limits.max_merges}处），请取消合并后再上传。")
    if b't="e"' in block:
        scan.errors |= {_position(*cell) for cell in patterns.error.findall(block)}
    if patterns.prefix + b"f" in block:
        _scan_formulas(scan, block, patterns)


def _filled(scan: SheetScan, block: bytes, patterns: _Patterns) -> list[bytes]:
    """References ("B7") of the cells that are more than a border."""
    cells = patterns.filled.findall(block)
    unseen = block.count(b"<c") + block.count(b":c") - len(cells)
    if unseen:
        unseen -= block.count(b"<col") + block.count(b":col") + len(patterns.blank.findall(block))
    scan.usual &= not unseen
    return _any_spelling(block) if unseen else cells


def _any_spelling(block: bytes) -> list[bytes]:
    found = []
    for attributes in _CELL_LIKE.findall(block):
        if attributes.endswith(b"/"):
            continue
        reference = _REFERENCE.search(b" " + attributes)
        if reference is None:
            found += _row_numbers(block)
        elif re.fullmatch(rb"[A-Za-z]{1,3}\d{1,9}", reference[1]):
            found.append(reference[1].upper())
        else:
            raise Refused(DAMAGED)
    return found


def _row_numbers(block: bytes) -> list[bytes]:
    """Cells without a reference stand in the row that encloses them: take the highest of the block."""
    rows = [_REFERENCE.search(b" " + row) for row in _ROW_LIKE.findall(block) if not row.endswith(b"/")]
    numbers = [row[1] for row in rows if row and row[1].isdigit()]
    return [b"A" + max(numbers, key=_size)] if numbers else []


def _size(digits: bytes) -> tuple[int, bytes]:
    return len(digits), digits


def _measure(scan: SheetScan, references: list[bytes], limits: Limits) -> None:
    """Split all references at once: two million of them one by one would cost as much as the parser."""
    if not references:
        return
    scan.cells += len(references)
    joined = b" ".join(references)
    last_row = max(set(joined.translate(None, _LETTERS).split()), key=_size)
    if len(last_row) > 9:
        raise Refused(OUT_OF_RANGE)
    scan.last_row = max(scan.last_row, int(last_row))
    scan.last_column = max(
        scan.last_column, *map(column_number, set(joined.translate(None, _DIGITS).split()))
    )
    _check_extent(scan, limits)


def _check_extent(scan: SheetScan, limits: Limits) -> None:
    if scan.last_row > limits.last_row:
        raise limits.too_many_rows() if scan.cells > limits.max_rows else Refused(OUT_OF_RANGE)
    if scan.last_column >= limits.max_columns or scan.last_row * (scan.last_column + 1) > limits.max_area:
        raise Refused(OUT_OF_RANGE)


def _scan_formulas(scan: SheetScan, block: bytes, patterns: _Patterns) -> None:
    for letters, digits, attributes, formula, value in patterns.formula.findall(block):
        if b"|" in formula or b"DDE(" in formula.upper():
            raise Refused(EXTERNAL)
        position = _position(letters, digits)
        scan.formulas.add(position)
        # A formula whose result is an empty text has t="str": that is a value.
        if not value and b't="str"' not in attributes:
            scan.without_value.add(position)


def _position(letters: bytes, digits: bytes) -> tuple[int, int]:
    return int(digits), column_number(letters)


def _read_workbook_part(package: Package, small: dict[str, bytes], scans: dict[str, SheetScan]) -> None:
    if b"macroEnabled" in small[_TYPES]:
        raise Refused(MACROS)
    try:
        book = ElementTree.fromstring(small[_BOOK])  # noqa: S314 — declarations were refused above
        rels = ElementTree.fromstring(small.get(_BOOK_RELS, b"<r/>"))  # noqa: S314
    except ElementTree.ParseError as error:
        raise Refused(DAMAGED) from error
    targets = {rel.get("Id"): rel.get("Target", "") for rel in rels}
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag in ("externalReference", "ddeLink", "oleLink"):
            raise Refused(EXTERNAL)
        if tag == "workbookPr":
            package.date1904 = element.get("date1904") in ("1", "true")
        if tag == "sheet":
            path = _part_name(targets.get(element.get(f"{_REL}id") or element.get(f"{_REL_STRICT}id"), ""))
            # A sheet kept elsewhere would reach the parser unmeasured.
            if path not in scans:
                raise Refused(BAD_MEMBER)
            package.sheets[element.get("name", "")] = scans[path]


def _part_name(target: str) -> str:
    """A relation's target as a member name: "worksheets/sheet1.xml", "/xl/…" and "xl/…" all occur."""
    target = target.lower()
    return normpath(target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}")
