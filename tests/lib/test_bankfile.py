"""The payment file and the bank's answer: whatever one hand changes in one place is caught and named."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import bankfile
from lib.bankfile import Line, Returned, compare
from lib.sheets import Refused, read_workbook, write_csv, write_rows_fast

BATCH, DAY = "FF202303-00001", dt.date(2023, 3, 20)
WITH_SERIALS = ("姓名", "账号", "金额", "批次号", "行号", "结果", "原因", "交易日期", "流水号")
OF_THE_BANK = ("姓名", "账号", "金额", "结果", "原因", "交易日期", "流水号")
either = pytest.mark.parametrize("headings", [WITH_SERIALS, OF_THE_BANK])
# one person may have two lines: accounts and names repeat
LINES = st.lists(
    st.tuples(st.sampled_from("甲乙丙丁"), st.integers(1, 10**8)), min_size=2, max_size=8
).map(
    lambda rows: [
        Line(serial, f"示例{name}", "示例农商行", f"62170000000000{ord(name):05}", amount, "交通补贴", BATCH)
        for serial, (name, amount) in enumerate(rows, 1)
    ]
)  # fmt: skip


def answer(lines: list[Line], headings: tuple[str, ...] = WITH_SERIALS, **changes: str) -> list[Returned]:
    """Every line paid, as the bank would say it; a row of the sheet per line, below a heading."""
    rows = []
    for number, line in enumerate(lines, 2):
        said = {
            "姓名": line.name, "账号": line.number, "金额": f"{line.amount / 100:.2f}", "批次号": line.batch,
            "行号": str(line.serial), "结果": "成功", "原因": None, "交易日期": "2023-03-20", "流水号": f"L{number}",
        }  # fmt: skip
        rows.append(
            Returned("回单", number, {key: cell for key, cell in said.items() if key in headings} | changes)
        )
    return rows


@either
@given(lines=LINES, order=st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_a_whole_answer_in_any_order_books_every_line_to_the_cent(headings, lines, order):
    rows = answer(lines, headings)
    order.shuffle(rows)
    result = compare(lines, rows)
    assert result.problems == []
    assert result.total == bankfile.total(lines) == sum(lines[one.serial - 1].amount for one in result.paid)
    assert {one.serial for one in result.paid} == {line.serial for line in lines}


@either
@given(data=st.data(), lines=LINES)
@settings(max_examples=40)
def test_one_line_dropped_is_named(headings, data, lines):
    gone = data.draw(st.sampled_from(lines))
    rows = answer([line for line in lines if line is not gone], headings)
    problems = compare(lines, rows).problems
    assert bankfile.MISSING in {one.kind for one in problems}
    if headings is WITH_SERIALS:
        assert [(one.kind, one.serial) for one in problems] == [(bankfile.MISSING, gone.serial)]


@either
@given(data=st.data(), lines=LINES)
@settings(max_examples=40)
def test_one_line_doubled_is_named_with_its_row(headings, data, lines):
    rows = answer(lines, headings)
    again = replace(data.draw(st.sampled_from(rows)), row=len(rows) + 2)
    problems = compare(lines, [*rows, again]).problems
    assert [(one.kind, one.sheet, one.row) for one in problems] == [(bankfile.DOUBLED, "回单", again.row)]


ALTERED = {
    "金额": ("1000001.01", bankfile.ALTERED["金额"]), "账号": ("6299999999999999999", bankfile.ALTERED["账号"]),
    "姓名": ("别人", bankfile.ALTERED["姓名"]), "结果": ("处理中", bankfile.NO_RESULT),
    "交易日期": ("昨天", bankfile.NO_DAY), "批次号": ("FF202303-00002", bankfile.OTHER_BATCH),
    "行号": ("900", bankfile.UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("column", ALTERED)
@given(data=st.data(), lines=LINES)
@settings(max_examples=30)
def test_one_altered_cell_is_named_with_row_column_value_and_kind(column, data, lines):
    rows = answer(lines)
    at = data.draw(st.integers(0, len(rows) - 1))
    value, kind = ALTERED[column]
    rows[at] = replace(rows[at], cells=rows[at].cells | {column: value})
    found = [one for one in compare(lines, rows).problems if one.kind == kind]
    assert [(one.row, one.column) for one in found] == [(at + 2, column)]
    assert found[0].value == ("尾号9999" if column == "账号" else value)


@pytest.mark.parametrize("column", ["金额", "账号"])
@given(data=st.data(), lines=LINES)
@settings(max_examples=30)
def test_without_row_numbers_an_altered_cell_is_caught_as_well(column, data, lines):
    rows = answer(lines, OF_THE_BANK)
    at = data.draw(st.integers(0, len(rows) - 1))
    rows[at] = replace(rows[at], cells=rows[at].cells | {column: ALTERED[column][0]})
    result = compare(lines, rows)
    assert result.problems
    assert len(result.paid) < len(lines)


def test_an_account_altered_without_row_numbers_is_found_by_name_and_amount():
    lines = [
        Line(n, name, "行", f"621700000000000{n}", 30000, "", BATCH) for n, name in ((1, "甲"), (2, "乙"))
    ]
    rows = answer(lines, OF_THE_BANK)
    rows[1] = replace(rows[1], cells=rows[1].cells | {"账号": "6217000000000003"})
    (problem,) = compare(lines, rows).problems
    assert (problem.kind, problem.row, problem.value, problem.serial) == ("账号不符", 3, "尾号0003", 2)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"金额": "三百元"}, bankfile.NO_AMOUNT), ({"金额": 300.005}, bankfile.NO_AMOUNT),
        ({"账号": 6217000000000000001.0}, bankfile.ALTERED["账号"]), ({"结果": "失败"}, bankfile.NO_REASON),
        ({"交易日期": "2023-03-01"}, bankfile.NO_DAY), ({"交易日期": None}, bankfile.NO_DAY),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_never_booked(changes, kind):
    line = Line(1, "甲", "行", "6217000000000000001", 30000, "", BATCH)
    result = compare([line], answer([line], **changes), DAY, DAY)
    assert kind in {one.kind for one in result.problems}
    assert not result.paid
    assert not result.failed


def test_a_failed_line_keeps_its_reason():
    line = Line(1, "甲", "行", "6217000000000000001", 30000, "", BATCH)
    result = compare([line], answer([line], 结果="退票", 原因="账户已销户", 交易日期=None), DAY, DAY)
    assert [(one.serial, one.words) for one in result.failed] == [(1, "账户已销户")]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@given(lines=LINES)
@settings(max_examples=8, deadline=None)
def test_the_file_sums_up_to_the_lines_and_is_whole(form, lines):
    data = bankfile.write(lines, form)
    assert bankfile.verify(data, f"f.{form}") == []
    last = read_workbook(data, f"f.{form}").sheets[0].rows[-1]
    assert last[:2] == ["合计", f"{len(lines)}笔"]
    assert (
        last[4]
        == f"{sum(line.amount for line in lines) // 100}.{sum(line.amount for line in lines) % 100:02}"
    )
    assert last[6] == bankfile.digest(lines)


@pytest.mark.parametrize("what", ["dropped", "doubled", "altered", "swapped"])
@given(data=st.data(), lines=LINES)
@settings(max_examples=10, deadline=None)
def test_a_payment_file_that_was_touched_is_recognised(what, data, lines):
    header, *rows, last = read_workbook(bankfile.write(lines, "csv"), "f.csv").sheets[0].rows
    at = data.draw(st.integers(0, len(rows) - 1))
    if what == "dropped":
        rows.pop(at)
    elif what == "doubled":
        rows.insert(at, rows[at])
    elif what == "swapped":
        rows[at][3], rows[at - 1][3] = "6211111111111111111", rows[at][3]
    else:
        column = data.draw(st.integers(0, 7))
        rows[at][column] = "1.23" if column == 4 and rows[at][4] != "1.23" else f"{rows[at][column]}1"
    out = io.BytesIO()
    write_csv(out, header, [*rows, last])
    assert bankfile.verify(out.getvalue(), "f.csv")


def test_a_file_without_its_last_row_is_not_ours():
    lines = [Line(1, "甲", "行", "6217000000000000001", 30000, "", BATCH)]
    header, row, _ = read_workbook(bankfile.write(lines, "csv"), "f.csv").sheets[0].rows
    out = io.BytesIO()
    write_csv(out, header, [row])
    assert "校验码" in bankfile.verify(out.getvalue(), "f.csv")[0].message


def test_the_headings_of_banks_are_understood():
    out = io.BytesIO()
    row = ["6217 0000 0000 0000 001", "300", "交易成功", "20230320", "9"]
    write_rows_fast(out, ["收款账号", "交易金额", "处理结果", "入账日期", "交易流水号"], [row])
    line = Line(7, "甲", "行", "6217000000000000001", 30000, "", BATCH)
    result = compare([line], bankfile.read(out.getvalue(), "回单.xlsx"), DAY, DAY)
    assert [(one.serial, one.on, one.words) for one in result.paid] == [(7, DAY, "9")]


@pytest.mark.parametrize(
    ("headings", "rows", "why"),
    [(["账号", "金额"], [["1", "2"]], "缺少列：结果"), (["账号", "金额", "结果"], [], "没有")],
)
def test_a_file_that_is_no_receipt_is_refused_in_words(headings, rows, why):
    out = io.BytesIO()
    write_csv(out, headings, rows)
    with pytest.raises(Refused, match=why):
        bankfile.read(out.getvalue(), "回单.csv")
