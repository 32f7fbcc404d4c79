"""The marked copy: the user's own sheet, coloured, commented, and importable again."""

import io

import openpyxl
import pytest

from lib.sheets import RESULT_COLUMN, body, find_header, mark_copy, read_workbook
from lib.sheets import mark as mark_module
from lib.sheets.mark import AMBER, RED
from tests.lib.sheet_files import HEADINGS, PERSON, workbook

PROBLEMS = [
    {
        "sheet": "Sheet1",
        "row": 2,
        "column": "身份证号码",
        "value": "…",
        "level": "reject",
        "message": "校验码错误",
    },
    {
        "sheet": "Sheet1",
        "row": 2,
        "column": "务工月收入",
        "value": "1",
        "level": "review",
        "message": "金额为0或1",
    },
    {"sheet": "Sheet1", "row": 4, "column": None, "value": "", "level": "review", "message": "同一电话30人"},
    {"sheet": "Sheet1", "row": None, "column": "备注", "value": "", "level": "info", "message": "列不认识"},
]
ROWS = [HEADINGS, PERSON, PERSON, PERSON]


def marked(data: bytes, filename: str = "表.xlsx", problems=PROBLEMS) -> bytes:
    out = io.BytesIO()
    mark_copy(data, filename, problems, out)
    return out.getvalue()


def colour(cell) -> str:
    return cell.fill.fgColor.rgb if cell.fill.fill_type else ""


@pytest.fixture(params=["in place", "plain"])
def way(request, monkeypatch):
    """Both ways of making the copy must keep the same promises."""
    if request.param == "plain":
        monkeypatch.setattr(mark_module, "_IN_PLACE", 0)
    return request.param


def test_problems_are_coloured_commented_and_summed_up(way):
    sheet = openpyxl.load_workbook(io.BytesIO(marked(workbook(ROWS)))).active
    assert colour(sheet["B2"]) == RED
    assert colour(sheet["D2"]) == AMBER
    assert colour(sheet["A2"]) == colour(sheet["B3"]) == ""
    assert "校验码错误" in sheet["B2"].comment.text
    assert [sheet.cell(row, 5).value for row in (1, 2, 3, 4)] == [
        RESULT_COLUMN,
        "身份证号码：校验码错误；务工月收入：金额为0或1",
        None,
        "同一电话30人",
    ]


def test_a_marked_copy_sent_again_reads_like_the_original(way):
    book = read_workbook(marked(workbook(ROWS)), "表.xlsx")
    header = find_header(book.sheets[0].rows, HEADINGS)
    assert header.unknown == ()
    assert [row[:4] for _, row in body(book.sheets[0], header).rows] == [PERSON] * 3


def test_a_second_copy_replaces_the_verdicts_of_the_first(way):
    second = marked(marked(workbook(ROWS)), problems=PROBLEMS[:1])
    sheet = openpyxl.load_workbook(io.BytesIO(second)).active
    assert sheet.max_column == 5
    assert colour(sheet["D2"]) == ""
    assert sheet["D2"].comment is None
    assert [sheet.cell(row, 5).value for row in (1, 2, 3, 4)] == [
        RESULT_COLUMN,
        "身份证号码：校验码错误",
        None,
        None,
    ]


def test_a_header_below_titles_and_a_merged_pair_is_found(way):
    rows = [["台账"], ["姓名", "就业情况"], [None, "就业形式", "就业地"], ["张三", "x", "y"]]
    problem = {
        "sheet": "Sheet1",
        "row": 4,
        "column": "就业情况/就业形式",
        "level": "reject",
        "message": "不在列表中",
    }
    out = io.BytesIO()
    mark_copy(workbook(rows), "表.xlsx", [problem], out, header_rows={"Sheet1": 3})
    sheet = openpyxl.load_workbook(io.BytesIO(out.getvalue())).active
    assert colour(sheet["B4"]) == RED
    assert sheet["D3"].value == RESULT_COLUMN


def test_the_users_own_looks_stay_and_formulas_become_their_values():
    def dress(book, sheet):
        sheet.set_column(0, 0, 33)
        sheet.write_formula(1, 4, "=1+1", book.add_format({"bg_color": "#00FF00"}), 2)

    sheet = openpyxl.load_workbook(io.BytesIO(marked(workbook(ROWS, dress)))).active
    assert sheet.column_dimensions["A"].width == pytest.approx(33, abs=1)
    assert sheet["E2"].value == 2
    assert colour(sheet["E2"]) == "FF00FF00"


def test_a_message_that_looks_like_a_formula_stays_text(way):
    problem = {"sheet": "Sheet1", "row": 2, "column": None, "level": "reject", "message": "=1+1"}
    cell = openpyxl.load_workbook(io.BytesIO(marked(workbook(ROWS), problems=[problem]))).active["E2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_text_table_becomes_a_marked_workbook():
    data = "\r\n".join(",".join(row) for row in ROWS).encode("gbk")
    problems = [{**problem, "sheet": ""} for problem in PROBLEMS]
    sheet = openpyxl.load_workbook(io.BytesIO(marked(data, "表.csv", problems))).active
    assert sheet["B2"].value == PERSON[1]
    assert sheet["B2"].data_type == "s"
    assert colour(sheet["B2"]) == RED


def test_a_cell_without_value_is_still_a_problem_in_the_copy(way):
    dress = lambda _, sheet: sheet.write_formula(4, 0, "=NA()", None, "#N/A")  # noqa: E731
    copy = read_workbook(marked(workbook(ROWS, dress)), "表.xlsx").sheets[0]
    original = read_workbook(workbook(ROWS, dress), "表.xlsx").sheets[0]
    assert copy.rows[4][0] is original.rows[4][0]
