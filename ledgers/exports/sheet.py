"""A village's month as a workbook to be filled in and sent back: the kind laborers under its printed headings.

Who somebody is cannot be overwritten (the cells are locked), answers can; code lists drop down in their cells, so that
nothing of the workbook is hidden. Rows below the last are free for people whom the ledger does not have.
"""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Level
from ledgers.exports.laborers import COLUMNS, laborer_count, laborer_rows
from ledgers.imports.columns import WHERE
from lib.sheets import Column, Table
from lib.staging import Export, register_export

LOCKED = frozenset({*(column.key for column in WHERE), "number", "head_name", "name", "id_no", "sex"})
LIST_LIMIT = 255  # characters of a drop-down list that stands in its cell
FREE_ROWS = 30
WIDTHS = {"id_no": 21, "phone": 14, "region_text": 30, "employer": 26, "ticked_months": 40, "registered_address": 30,
          "home_address": 30, "services": 30}  # fmt: skip
NOTES = (
    "灰色格是姓名、身份证号码等，不能改；白色格有变化就改，没有变化不用动。空着的格表示不改原来的内容。"
    "台账里没有的人，写在最后一行下面。填好后在“导入”里选“劳动力台账”上传，会先列出改了哪些，确认后才入库。"
)


def dressed(export: Export, rows: Iterable[list], title: str) -> Table:
    """The rows with drop-downs and locked cells; numbers stay text, as the import reads them."""
    found = list(rows)
    return Table(
        export.title,
        [
            Column(
                column.title, WIDTHS.get(column.key), choices=_choices(column.choices), help=column.help,
                required=column.required, locked=column.key in LOCKED,
            )
            for column in COLUMNS
        ],
        found,
        title=title,
        notes=NOTES,
        blank_rows=len(found) + FREE_ROWS,
        protect=True,
        open_lists=True,
    )  # fmt: skip


def _choices(offered: tuple[str, ...]) -> tuple[str, ...]:
    return offered if len(",".join(offered)) <= LIST_LIMIT else ()


register_export(
    Export(
        name="month-sheet",
        title="采集工作簿",
        right=("person", "u"),
        headings=tuple(column.title for column in COLUMNS),
        rows=laborer_rows,
        count=laborer_count,
        personal=True,
        group="采集",
        about="本村当月的采集表，一人一行，改好后由“导入”收回。",
        dress=dressed,
        levels=(Level.VILLAGE,),
    )
)
