"""Where inputs are sent: a township's desk, the workbooks it receives, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobs import imports
from jobs.models import ImportBatch
from lib.identity import mask_id, mask_phone
from lib.month import Month
from tests.cast import Cast
from tests.factories import MARCH
from tests.ledgers.sheets import working
from tests.lib.sheet_files import workbook

SECRET = {"身份证号码": mask_id, "联系电话": mask_phone}


@dataclass
class Desk:
    """The township 9911 receives 劳动力台账 of March; other kinds, units and senders are named when they matter."""

    cast: Cast
    kind: str = "laborers"
    month: Month | None = MARCH
    sent: list[ImportBatch] = field(default_factory=list)

    def receive(
        self, data: bytes, name: str = "台账.xlsx", unit: str = "9911", by: str = "township", **more: Any
    ) -> ImportBatch:
        """Stage a file; whatever it is, the counts add up and every remark names its place."""
        units, user = self.cast.units, getattr(self.cast, by)
        batch = imports.stage(data, name, self.kind, units[unit], self.month, user, **more)
        check_answer(batch)
        self.sent.append(batch)
        return batch

    def confirm(self, batch: ImportBatch) -> ImportBatch:
        return imports.confirm(batch, batch.owner)

    def row(self, **cells: Any) -> tuple[str, list[dict], dict]:
        """Send one person with these cells as an xlsx: verdict, remarks, and what would be written."""
        return self.rows([working(务工地点="本乡镇") | cells])[0]

    def rows(
        self, lines: Sequence[dict], csv: bool = False, **more: Any
    ) -> list[tuple[str, list[dict], dict]]:
        data, name = (csv_of(lines), "台账.csv") if csv else (xlsx_of(lines), "台账.xlsx")
        return answers(self.receive(data, name, **more))


def titles_of(lines: Iterable[dict]) -> list[str]:
    return list(dict.fromkeys(title for line in lines for title in line))


def xlsx_of(lines: Sequence[dict], **options: Any) -> bytes:
    titles = titles_of(lines)
    return workbook([titles, *([line.get(title) for title in titles] for line in lines)], **options)


def csv_of(lines: Sequence[dict], encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    titles = titles_of(lines)
    cells = [titles, *([line.get(title, "") or "" for title in titles] for line in lines)]
    quoted = (separator.join(f'"{str(cell).replace(chr(34), chr(34) * 2)}"' for cell in row) for row in cells)
    return "\r\n".join(quoted).encode(encoding)


def answers(batch: ImportBatch) -> list[tuple[str, list[dict], dict]]:
    """Verdict, remarks (as the sender reads them) and new values of each row, in order."""
    assert batch.state == "staged", batch.refusal
    remarks = list(imports.problems(batch))
    return [
        (row.verdict, [one for one in remarks if one["row"] == row.row], row.new)
        for row in staged_rows(batch)
    ]


def staged_rows(batch: ImportBatch) -> list:
    from jobs.imports import chunks

    return [row for chunk in batch.chunks.order_by("number") for row in chunks.unpacked(chunk)]


def notes(batch: ImportBatch) -> str:
    """What is told about the file as a whole."""
    return "".join(note["message"] for note in batch.notes)


def check_answer(batch: ImportBatch) -> None:
    """read = new + changed + same + review + rejected; a refusal keeps nothing; remarks have a place and a way out."""
    rows = staged_rows(batch)
    assert batch.read == len(rows) == sum(chunk_counts(batch))
    assert len({row.row for row in rows}) == len(rows)
    if batch.state == "refused":
        assert batch.refusal.endswith("。")
        assert (batch.source, rows) == (None, [])
    for remark in imports.problems(batch):
        assert remark["sheet"]
        assert remark["message"]
        assert remark["row"] == 0 or remark["column"] or "已合并" in remark["message"], remark
        assert "Cell." not in remark["value"]


def chunk_counts(batch: ImportBatch) -> list[int]:
    return [batch.new, batch.changed, batch.same, batch.review, batch.rejected]
