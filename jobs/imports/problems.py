"""What is wrong with a batch, masked for screens; the sender's own sheet with it marked; the empty template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from jobs.files import read_file
from jobs.imports import chunks
from jobs.imports.reading import read
from jobs.imports.staging import kind_of, source_of
from jobs.models import ImportBatch
from lib.identity import mask_id, mask_phone
from lib.sheets import Column as SheetColumn
from lib.sheets import Limits, Table, mark_copy, write_workbook
from lib.staging import Kind, Staged

_LONG_NUMBER = re.compile(r"[0-9０-９]{7,}[0-9Xx０-９]*")
VALUE_SHOWN = 60  # characters


def problems(batch: ImportBatch) -> Iterator[dict[str, Any]]:
    """Everything there is to say, notes of the file first, then row by row; values masked."""
    for note in batch.notes:
        yield {"sheet": batch.sheet, "row": 0, "column": "", "value": "", **note}
    secret = secret_titles(kind_of(batch))
    for chunk in batch.chunks.order_by("number"):
        for row in chunks.unpacked(chunk):
            for problem in row.problems:
                value = shown(problem.value, problem.column in secret)
                yield problem.as_dict() | {
                    "sheet": batch.sheet,
                    "value": value,
                    "message": masked(problem.message),
                }


def secret_titles(kind: Kind) -> frozenset[str]:
    return frozenset(column.title for column in kind.columns if column.secret)


def shown(value: Any, secret: bool) -> str:
    """A cell as the screen may show it: never a whole ID number or phone, whatever column it stands in."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)[:VALUE_SHOWN]
    return (mask_id(text) if len(text) >= 15 else mask_phone(text)) if secret else masked(text)


def masked(text: str) -> str:
    """Long numbers inside a text, masked; amounts and dates are shorter."""
    return _LONG_NUMBER.sub(lambda found: _masked_number(found[0]), text)


def _masked_number(number: str) -> str:
    if len(number) < 11:
        return number
    return mask_id(number) if len(number) >= 15 else mask_phone(number)


def sentence(row: int, column: str, message: str) -> str:
    """「第 18 行 身份证号码：校验码错误，请核对末位。」"""
    place = f"第 {row} 行{f' {column}' if column else ''}：" if row else ""
    return place + masked(message)


def sentence_of(problem: Mapping[str, Any]) -> str:
    """A problem of `problems` as one sentence."""
    return sentence(problem["row"], problem["column"], problem["message"])


def cells(kind: Kind, row: Staged) -> list[dict[str, str]]:
    """The row's cells for the preview, in the kind's order: title, old and new value, masked where secret."""
    found = []
    for column in kind.columns:
        if column.key in row.new or column.key in row.old:
            old, new = (shown(side.get(column.key), column.secret) for side in (row.old, row.new))
            if old or new:
                found.append({"title": column.title, "old": old, "new": new})
    return found


def marked_copy(batch: ImportBatch, out: BinaryIO) -> None:
    """Write the sender's own workbook with every problem coloured, commented and summed up, to send again."""
    kind, file = kind_of(batch), source_of(batch)
    source = read_file(file)
    reading = read(source, file.name, kind, batch.sheet, batch.mapping)
    places = {column.title: reading.index.get(column.key) for column in kind.columns}
    marks = []
    for chunk in batch.chunks.order_by("number"):
        for row in chunks.unpacked(chunk):
            for problem in row.problems:
                if problem.level in ("reject", "review"):
                    place = {"sheet": batch.sheet, "column": places.get(problem.column)}
                    marks.append(problem.as_dict() | place)
    limits = Limits(max_rows=max(len(reading), Limits.max_rows))
    mark_copy(source, file.name, marks, out, {batch.sheet: batch.header_row}, limits)


def template(kind: Kind, out: BinaryIO) -> None:
    """An empty workbook with our headings, required ones marked, drop-downs where the answers are known."""
    columns = [
        SheetColumn(column.title, choices=column.choices, help=column.help, required=column.required)
        for column in kind.columns
    ]
    table = Table(kind.title[:31], columns, title=kind.title, blank_rows=500)
    if kind.header_row == 3:
        table.notes = "按全国系统导出的样式：第三行为表头，全部为文本。"
    write_workbook(out, table)
