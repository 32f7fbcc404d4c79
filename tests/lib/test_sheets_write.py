"""Written files are inert, equal on reading back, and dressed (promise 20)."""

import csv
import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.sheets import (
    Column,
    Limits,
    Table,
    body,
    find_header,
    read_workbook,
    write_csv,
    write_rows_fast,
    write_workbook,
)
from lib.sheets.write import stored

HEADS = ["姓名", "备注"]
LIVE = [
    "=1+1",
    "==1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "=cmd|'/C calc'!A0",
    "\t=1",
    "\r=1",
    "＝1+1",
    "'=1",
    "''+1",
    "{=1}",
    "http://a.b/",
]
HOSTILE = st.one_of(
    st.text(max_size=30),
    st.text("=+-@'\"\t\r\n,;|!_x0041＝", max_size=12),
    st.sampled_from(LIVE),
    st.builds(lambda start, rest: start + rest, st.sampled_from("=+-@'＋－＠"), st.text(max_size=10)),
)
GRIDS = st.lists(st.tuples(HOSTILE, HOSTILE), min_size=1, max_size=5)


def expected(grid) -> list[list]:
    return [[stored(cell) or None for cell in row] for row in grid]


def read_back(data: bytes, filename: str) -> list[list]:
    """Rows below the header; trailing blank rows are not part of a file."""
    rows = read_workbook(data, filename, Limits(max_ratio=10_000)).sheets[0].rows[1:]
    return [row + [None] * (2 - len(row)) for row in rows]


def without_blank_tail(rows: list[list]) -> list[list]:
    while rows and not any(rows[-1]):
        rows = rows[:-1]
    return rows


def assert_inert(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f" not in archive.read(name).replace(b"<font", b"")
            assert "externalLink" not in name
    for row in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows():
        assert all(cell.data_type in "sn" and cell.hyperlink is None for cell in row)


@given(GRIDS)
def test_any_text_survives_the_fast_writer_and_never_calculates(grid):
    out = io.BytesIO()
    write_rows_fast(out, HEADS, grid)
    assert without_blank_tail(read_back(out.getvalue(), "x.xlsx")) == without_blank_tail(expected(grid))
    assert_inert(out.getvalue())


@given(GRIDS)
def test_any_text_is_inert_in_a_dressed_workbook(grid):
    out = io.BytesIO()
    write_workbook(out, Table("数据", HEADS, grid))
    assert_inert(out.getvalue())
    rows = without_blank_tail(read_back(out.getvalue(), "x.xlsx"))
    if "_x005f_" not in repr(grid).lower():  # this writer leaves that escape as it is
        assert rows == without_blank_tail(expected(grid))


@given(GRIDS)
def test_any_text_survives_csv_and_no_cell_begins_with_a_live_sign(grid):
    out = io.BytesIO()
    write_csv(out, HEADS, grid)
    assert without_blank_tail(read_back(out.getvalue(), "x.csv")) == without_blank_tail(expected(grid))
    for row in csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(tuple("=+-@\t\r＝＋－＠")) for cell in row)


@pytest.mark.parametrize("live", LIVE)
def test_live_text_carries_the_quote_prefix(live):
    for write in (
        lambda out: write_rows_fast(out, HEADS, [[live, "x"]]),
        lambda out: write_workbook(out, Table("数据", HEADS, [[live, "x"]])),
    ):
        out = io.BytesIO()
        write(out)
        cell = openpyxl.load_workbook(io.BytesIO(out.getvalue())).worksheets[0]["A2"]
        assert cell.data_type == "s"
        assert cell.quotePrefix
        assert cell.number_format == "@"


def test_identity_numbers_stay_text_and_declared_numbers_are_numbers():
    out = io.BytesIO()
    rows = [["990101199001010013", Decimal("3000.50"), 7], ["990101199001010021", None, "—"]]
    write_rows_fast(out, ["身份证号码", "金额", "人数"], rows, numeric={"金额", "人数"})
    found = read_workbook(out.getvalue(), "x.xlsx").sheets[0].rows
    assert found[1] == ["990101199001010013", 3000.5, 7.0]
    assert found[2] == ["990101199001010021", None, "—"]


def test_numbers_and_dates_not_declared_become_text():
    out = io.BytesIO()
    write_rows_fast(out, ["甲", "乙", "丙"], [[1, datetime.date(2023, 3, 10), Decimal("1.50")]])
    assert read_workbook(out.getvalue(), "x.xlsx").sheets[0].rows[1] == ["1", "2023-03-10", "1.50"]


def test_a_title_stands_above_the_header():
    out = io.BytesIO()
    write_rows_fast(out, HEADS, [["张三", "x"]], title="某县台账")
    assert read_workbook(out.getvalue(), "x.xlsx").sheets[0].rows == [
        ["某县台账", None],
        HEADS,
        ["张三", "x"],
    ]


def test_an_export_without_rows_still_has_its_header():
    out = io.BytesIO()
    write_rows_fast(out, HEADS, iter([]))
    assert read_workbook(out.getvalue(), "x.xlsx").sheets[0].rows == [HEADS]


def test_the_fast_writer_takes_a_generator_and_a_failing_one_leaves_no_file(tmp_path):
    def rows():
        yield ["张三", "x"]
        raise LookupError("database gone")

    target = tmp_path / "台账.xlsx"
    target.write_bytes(b"old")
    with pytest.raises(LookupError):
        write_rows_fast(target, HEADS, rows())
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_two_columns_of_one_name_are_a_programming_error():
    with pytest.raises(ValueError, match="differ"):
        write_rows_fast(io.BytesIO(), ["备注", "备注"], [["a", "b"]])


def test_what_no_file_can_hold_is_replaced_not_fatal():
    out = io.BytesIO()
    write_rows_fast(out, HEADS, [["a\ud800b", "长" * 40_000]])
    row = read_workbook(out.getvalue(), "x.xlsx").sheets[0].rows[1]
    assert row[0] == "a\ufffdb"
    assert len(row[1]) == 32_767


def test_a_template_has_drop_downs_freeze_filter_widths_and_protection(tmp_path):
    path = tmp_path / "模板.xlsx"
    columns = [
        Column("姓名", width=12, required=True, help="与身份证一致"),
        Column("就业形式", choices=["单位就业", "自主创业", "灵活就业"]),
        Column("单位编码", locked=True),
    ]
    table = Table(
        "采集表",
        columns,
        [["张三", "单位就业", "A01"]],
        title="采集表",
        notes="如实填写",
        blank_rows=50,
        protect=True,
    )
    write_workbook(path, table)
    book = openpyxl.load_workbook(path)
    sheet, lists = book.worksheets
    assert [cell.value for cell in sheet[3]] == ["姓名", "就业形式", "单位编码"]
    assert sheet.freeze_panes == "A4"
    assert sheet.auto_filter.ref == "A3:C53"
    assert sheet.column_dimensions["A"].width == pytest.approx(12, abs=1)
    rule = sheet.data_validations.dataValidation[0]
    assert (str(rule.sqref), rule.formula1) == ("B4:B53", "'选项'!$A$1:$A$3")
    assert [row[0].value for row in lists.iter_rows()] == ["单位就业", "自主创业", "灵活就业"]
    assert lists.sheet_state == "hidden"
    assert sheet.protection.sheet
    assert not sheet["A4"].protection.locked
    assert sheet["C4"].protection.locked
    assert sheet["A3"].comment.text.endswith("与身份证一致")


def test_the_totals_row_is_written_last_and_recognised_on_reading():
    out = io.BytesIO()
    columns = ["村", Column("人数", numeric=True)]
    write_workbook(out, Table("汇总", columns, [["王家村", 3], ["李家村", 4]], totals=["合计", 7]))
    sheet = read_workbook(out.getvalue(), "x.xlsx").sheets[0]
    found = body(sheet, find_header(sheet.rows, ["村", "人数"]))
    assert [row for _, row in found.rows] == [["王家村", 3.0], ["李家村", 4.0]]
    assert found.footers == [(4, "合计　7")]


def test_several_sheets_are_written_in_order():
    out = io.BytesIO()
    write_workbook(out, [Table("一", HEADS), Table("二", HEADS, [["a", "b"]])])
    assert [sheet.name for sheet in read_workbook(out.getvalue(), "x.xlsx").sheets] == ["一", "二"]


def test_a_csv_opens_as_chinese_in_office_programs(tmp_path):
    path = tmp_path / "表.csv"
    write_csv(path, HEADS, [["张三", None]])
    assert path.read_bytes() == b"\xef\xbb\xbf" + '"姓名","备注"\r\n"张三",""\r\n'.encode()
