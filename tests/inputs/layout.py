"""27 to 41: titles, headings, hidden things, gaps, formulas and epochs."""

from __future__ import annotations

from ledgers.models import Household
from lib.month import Month
from tests.inputs.corpus import case, refused
from tests.inputs.desk import answers, notes, titles_of, xlsx_of
from tests.ledgers.sheets import fresh_id, working
from tests.lib.sheet_files import with_sheet_xml, workbook


def table(lines: list[dict]) -> list[list]:
    titles = titles_of(lines)
    return [titles, *([line.get(title) for title in titles] for line in lines)]


@case(27)
def titles_above_and_a_heading_of_two_rows(desk) -> None:
    rows = [
        ["甲东镇2023年3月务工台账"],
        ["填报单位：甲东镇", None, None, "单位：人、元"],
        ["姓名", "身份证号码", "行政村", "务工信息", None, None],
        [None, None, None, "是否务工", "就业形式", "月平均工资（元）"],
        ["示例工", fresh_id(), "甲东一村", "是", "单位就业", "4500"],
    ]

    def dress(_, sheet) -> None:
        sheet.merge_range(0, 0, 0, 5, rows[0][0])
        for column in range(3):
            sheet.merge_range(2, column, 3, column, rows[2][column])
        sheet.merge_range(2, 3, 2, 5, rows[2][3])

    batch = desk.receive(workbook(rows, dress))
    [(_, remarks, new)] = answers(batch)
    assert (new["job_form"], new["monthly_wage"], new["working"]) == ("单位就业", 4500, True)
    assert {one["row"] for one in remarks} <= {5}
    assert batch.header_row == 4


@case(28)
def other_words_for_headings(desk) -> None:
    others = {
        "姓名": " 姓 名 *",
        "身份证号码": "公民身份号码：",
        "月平均工资": "月收入（元）",
        "联系电话": "手机号",
    }
    line = {others.get(title, title): cell for title, cell in working(务工地点="本乡镇").items()}
    batch = desk.receive(xlsx_of([line]))
    assert (batch.new, batch.notes) == (1, [])
    assert answers(batch)[0][2]["monthly_wage"] == 4500


@case(29)
def a_required_column_that_is_missing_is_named(desk) -> None:
    line = working()
    del line["身份证号码"]
    batch = desk.receive(xlsx_of([line]))
    assert (batch.state, batch.read) == ("mapping", 0)
    assert "缺少列：身份证号码" in batch.refusal


refused(
    30,
    "列名重复：“姓名”出现在A列和C列",
    lambda: workbook([["姓名", "身份证号码", "姓名"], ["甲", "1", "乙"]]),
)


@case(31)
def unknown_columns_are_listed_for_review(desk) -> None:
    batch = desk.receive(xlsx_of([working() | {"家里几头牛": "3", "备用": "x"}]))
    assert batch.new + batch.review == 1
    [note] = [one for one in batch.notes if "没有用到的列" in one["message"]]
    assert note["level"] == "review"
    assert "家里几头牛、备用" in note["message"]


@case(32)
def internal_columns_are_ignored_and_logged(desk, caplog) -> None:
    extra = {"id": "1", "is_superuser": "1", "created_by": "1", "village_id": "1"}
    batch = desk.receive(xlsx_of([working(务工地点="本乡镇") | extra]))
    [(verdict, _, new)] = answers(batch)
    assert verdict == "new"
    assert not set(extra) & set(new)
    logged = [record.getMessage().split(" columns ")[-1].split(" of ")[0] for record in caplog.records]
    assert any(sorted(columns.split(", "))[:3] == ["created_by", "id", "is_superuser"] for columns in logged)


@case(33)
def several_filled_sheets_need_a_choice(desk) -> None:
    def second(book, _) -> None:
        book.add_worksheet("二组").write_string(0, 0, "姓名")

    data = xlsx_of([working()], dress=second)
    batch = desk.receive(data)
    assert (batch.state, batch.headings) == ("mapping", ["Sheet1", "二组"])
    assert "请选择工作表" in batch.refusal
    assert desk.receive(data, sheet="Sheet1").new == 1


@case(34)
def hidden_sheets_are_told_and_hidden_rows_asked_about(desk) -> None:
    def dress(book, sheet) -> None:
        sheet.set_row(2, None, None, {"hidden": True})
        old = book.add_worksheet("旧表")
        old.write_string(0, 0, "x")
        old.hide()

    batch = desk.receive(xlsx_of([working(), working()], dress=dress))
    assert batch.read == 2
    levels = {note["message"]: note["level"] for note in batch.notes}
    assert levels["隐藏的工作表“旧表”已忽略。"] == "info"
    assert levels["工作表“Sheet1”含隐藏行1行，请确认是否一并导入。"] == "review"


@case(35)
def totals_and_signatures_are_skipped_and_listed(desk) -> None:
    rows = table([working()])
    batch = desk.receive(workbook([*rows, ["合计", None, "1"], ["填表人：某某"], ["审核人（签字）："]]))
    assert batch.read == 1
    assert "第3行、第4行、第5行" in notes(batch)


@case(36)
def data_after_a_gap_is_read(desk) -> None:
    [titles, first, second] = table([working(), working()])
    batch = desk.receive(workbook([titles, first, *[[]] * 200, second]))
    assert (batch.read, batch.chunks.get().last_row) == (2, 203)


@case(37)
def a_merged_household_reaches_all_its_members(desk) -> None:
    titles = ["户编号", "户类型", "姓名", "身份证号码", "行政村", "家庭地址"]
    people = [[None, None, f"示例{one}", fresh_id(), "甲东一村", None] for one in "甲乙丙"]

    def dress(_, sheet) -> None:
        sheet.merge_range(1, 0, 3, 0, "H-77")
        sheet.merge_range(1, 1, 3, 1, "脱贫户")
        sheet.merge_range(1, 5, 3, 5, "一组1号")

    batch = desk.receive(workbook([titles, *people], dress))
    assert [new["number"] for _, _, new in answers(batch)] == ["H-77"] * 3
    assert [new.get("home_address") for _, _, new in answers(batch)] == ["一组1号", None, None]
    desk.confirm(batch)
    assert Household.objects.get(number="H-77").poverty_kind == "脱贫户"


FORMULA_COLUMNS = (
    "姓名",
    "身份证号码",
    "月平均工资",
    "健康状况",
    "本年度享受就业服务项目",
    "就业单位名称",
    "行政村",
)


def formula_in(title: str, value: object, without: bool = False) -> bytes:
    line = working(务工地点="本乡镇") | ({title: None} if title not in working() else {})
    at = titles_of([line]).index(title)

    def dress(_, sheet) -> None:
        sheet.write_formula(1, at, "=Z99", None, 7 if without else value)

    data = xlsx_of([line | {title: None}], dress=dress)
    return with_sheet_xml(lambda xml: xml.replace(b"<v>7</v>", b""), data) if without else data


@case(38)
def a_formula_without_a_result_is_refused_in_every_column(desk) -> None:
    for title in FORMULA_COLUMNS:
        [(verdict, remarks, _)] = answers(desk.receive(formula_in(title, None, without=True)))
        assert verdict == "rejected", title
        assert any(
            one["column"] == title and "公式无结果，请粘贴为数值" in one["message"] for one in remarks
        ), title


@case(39)
def a_formula_is_refused_as_identity_and_asked_about_as_amount(desk) -> None:
    for title, value in (("身份证号码", fresh_id()), ("姓名", "示例工"), ("联系电话", "13900000001")):
        [(verdict, remarks, _)] = answers(desk.receive(formula_in(title, value)))
        assert (verdict, remarks[-1]["message"]) == ("rejected", "是公式，请粘贴为数值。"), title
    [(verdict, remarks, new)] = answers(desk.receive(formula_in("月平均工资", 4500)))
    assert (verdict, new["monthly_wage"]) == ("review", 4500)
    assert "公式" in remarks[-1]["message"]


@case(40)
def an_error_cell_is_refused_in_every_column(desk) -> None:
    for title in FORMULA_COLUMNS:
        [(verdict, remarks, _)] = answers(desk.receive(formula_in(title, "#N/A")))
        assert verdict == "rejected", title
        assert any(one["column"] == title and "错误值（如#N/A）" in one["message"] for one in remarks), title


@case(41)
def a_workbook_of_1904_is_read_by_its_epoch_and_told(desk) -> None:
    desk.month = Month(2026, 3)
    line = working(务工地点="本乡镇", 就业时间=44621)
    for epoch, month in ((False, "2022-03"), (True, "2026-03")):
        batch = desk.receive(xlsx_of([line], date_1904=epoch))
        assert answers(batch)[0][2]["started"] == month
        assert ("1904" in notes(batch)) is epoch
