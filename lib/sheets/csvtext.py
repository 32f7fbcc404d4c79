"""Text tables: the encodings and separators that offices really send."""

from __future__ import annotations

import codecs
import csv
import io
import re

from .guard import EMPTY, Limits, Refused

# One apostrophe is taken off where our own writer put one: before a sign a spreadsheet would calculate.
ARMOURED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


def read_csv(data: bytes, limits: Limits) -> tuple[list[list[str | None]], str]:
    """Rows and the name of the encoding found (items 18–22)."""
    content, encoding = decode(data)
    if not content.strip():
        raise Refused(EMPTY)
    return _parse(content, _separator(content), limits), encoding


def decode(data: bytes) -> tuple[str, str]:
    """Strict decoding; an undecodable byte names its line."""
    for bom, codec, name in _BOMS:
        if data.startswith(bom):
            return _strict(data[len(bom) :], codec), name
    head = data[:4096]
    if 0 in head[1::2] and 0 not in head[::2]:  # ASCII signs of UTF-16; no other encoding here has zero bytes
        return _strict(data, "utf-16-le"), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        # GBK fails within its first characters; three good ones mean UTF-8 with a broken byte.
        if sum(not character.isascii() for character in before) >= 3:
            raise _bad_line(before) from error
    return _strict(data, "gb18030"), "GB18030"


def _strict(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise _bad_line(data[: error.start].decode(codec, "replace")) from error


def _bad_line(before: str) -> Refused:
    line = before.count("\n") + 1
    return Refused(f"第{line}行编码错误，请用 Excel 或 WPS 另存为 xlsx 或 UTF-8 的 csv 后再上传。")


def _separator(content: str) -> str:
    """The sign that stands equally often in most of the first lines, quoted parts aside; a comma in doubt."""
    lines = [line for line in re.sub(r'"[^"]*"', "", content[:20_000]).splitlines()[:20] if line.strip(" ")]

    def even(sign: str) -> tuple[int, bool]:
        counts = [count for line in lines if (count := line.count(sign))]
        return max(map(counts.count, counts), default=0), sign == ","

    return max(",\t;", key=even)


def _parse(content: str, separator: str, limits: Limits) -> list[list[str | None]]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    rows: list[list[str | None]] = []
    filled, line = 0, 1
    try:
        for row in reader:
            rows.append([_cell(value) for value in row])
            filled += any(row)
            line = reader.line_num + 1
            if filled > limits.last_row:
                raise limits.too_many_rows()
            if len(row) > limits.max_columns:
                raise Refused(f"第{len(rows)}行的列数太多，请检查分隔符和引号。")
    except csv.Error as error:
        raise Refused(f"第{line}行起引号不成对或内容过长，请检查后再上传。") from error
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _cell(value: str) -> str | None:
    if value[:1] == "'" and ARMOURED.match(value):
        return value[1:]
    return value or None
