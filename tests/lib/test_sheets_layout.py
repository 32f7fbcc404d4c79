"""Finding the header, the data and the signatures (items 27–37)."""

import pytest

from lib.sheets import (
    RESULT_COLUMN,
    Limits,
    Refused,
    Sheet,
    Workbook,
    body,
    choose_sheet,
    column_letter,
    find_header,
    is_footer_row,
    normalise_title,
    read_workbook,
)
from tests.lib.sheet_files import HEADINGS, PERSON, workbook

KNOWN = ["姓名", "身份证号码", "联系电话", "务工月收入", "就业情况/就业形式", "就业地", "村"]


def sheet(*rows: list, **facts) -> Sheet:
    return Sheet("Sheet1", False, list(rows), **facts)


def test_the_header_in_the_third_row_of_a_national_export_is_found():
    header = find_header([["务工月监测"], ["导出时间：2023-03-20"], HEADINGS, PERSON], KNOWN)
    assert header.row == 3
    assert header.index == {"姓名": 0, "身份证号码": 1, "联系电话": 2, "务工月收入": 3}


def test_two_merged_header_rows_are_read_as_one():
    upper = ["姓名", "身份证号码", "就业情况", None, None]
    lower = [None, None, "就业形式", "就业地", "备注"]
    header = find_header([["台账"], upper, lower, ["张三", "99", "单位就业", "本县", None]], KNOWN)
    assert header.row == 3
    assert header.index == {"姓名": 0, "身份证号码": 1, "就业情况/就业形式": 2, "就业地": 3}
    assert header.unknown == ("就业情况/备注",)


def test_a_plain_header_below_a_wide_title_is_not_taken_for_a_pair():
    header = find_header(
        [["某县台账", None, None], ["姓名", "村", "就业地"], ["张三", "王家村", "本县"]], KNOWN
    )
    assert header.row == 2
    assert set(header.index) == {"姓名", "村", "就业地"}


@pytest.mark.parametrize(
    "title", [" 务 工\n月收入（元）", "务工月收入(元/月) *", "*务工月收入：", "务工月收入【必填】"]
)
def test_spaces_brackets_stars_and_units_do_not_matter(title):
    assert normalise_title(title) == "务工月收入"


def test_brackets_that_change_the_meaning_stay():
    assert normalise_title("公益性岗位（月数）") == "公益性岗位(月数)"


def test_a_mapping_of_spellings_answers_with_the_title():
    header = find_header(
        [["人员姓名", "证件号码"]], {"姓名": "姓名", "人员姓名": "姓名", "证件号码": "身份证号码"}
    )
    assert header.index == {"姓名": 0, "身份证号码": 1}


def test_the_same_column_twice_is_refused_with_both_places():
    with pytest.raises(Refused, match="列名重复：“姓名”出现在A列和C列"):
        find_header([["姓名", "村", "姓 名"]], KNOWN)


def test_missing_columns_are_named_together():
    header = find_header([["姓名", "村"]], KNOWN)
    with pytest.raises(Refused, match="缺少列：身份证号码、联系电话"):
        header.require(["姓名", "身份证号码", "联系电话"])


def test_a_sheet_without_a_known_title_is_refused():
    with pytest.raises(Refused, match="没有找到表头"):
        find_header([["x", "y"], ["1", "2"]], KNOWN)


def test_unknown_columns_are_listed_and_our_own_result_column_is_not():
    header = find_header([["姓名", "村", "created_by", RESULT_COLUMN]], KNOWN)
    assert header.unknown == ("created_by",)
    assert RESULT_COLUMN not in header.index


@pytest.mark.parametrize(
    "words",
    [
        "合计",
        "合 计：",
        "小计",
        "本页小计",
        "填表人：张三",
        "填表人（签字）：",
        "审核人: ",
        "单位负责人（盖章）：",
        "签字",
        "备注：如实填写",
    ],
)
def test_totals_and_signatures_are_footers(words):
    assert is_footer_row([None, words, None, "12"])


@pytest.mark.parametrize("first", ["张三", "小计村", "合计山村", "1", 1.0, None, "备注村", "签字岭"])
def test_a_person_or_a_village_is_no_footer(first):
    assert not is_footer_row([first, "990101199001010013"])


def test_the_body_skips_blanks_lists_footers_and_keeps_row_numbers():
    blank, footer = [None, " ", None, None], ["合计", None, None, "3000"]
    source = sheet(["台账"], HEADINGS, blank, PERSON, blank, footer, PERSON)
    found = body(source, find_header(source.rows, KNOWN))
    assert [number for number, _ in found.rows] == [4, 7]
    assert found.footers == [(6, "合计　3000")]


def test_a_row_with_only_an_old_verdict_is_blank():
    source = sheet([*HEADINGS, RESULT_COLUMN], [None] * 4 + ["姓名：必填"])
    assert body(source, find_header(source.rows, KNOWN)).rows == []


def test_merged_cells_are_filled_only_in_the_columns_asked_for():
    dress = lambda _, page: (page.merge_range(1, 0, 2, 0, "王家村"), page.merge_range(1, 1, 2, 1, "张三"))  # noqa: E731
    source = read_workbook(
        workbook([["村", "姓名", "就业地"], [None, None, "a"], [None, None, "b"]], dress), "表.xlsx"
    ).sheets[0]
    rows = body(source, find_header(source.rows, KNOWN), fill_down=["村"]).rows
    assert rows == [(2, ["王家村", "张三", "a"]), (3, ["王家村", None, "b"])]


def test_blanks_that_are_not_merged_stay_blank():
    source = sheet(["村", "姓名"], ["王家村", "张三"], [None, "李四"])
    assert body(source, find_header(source.rows, KNOWN), fill_down=["村"]).rows[1] == (3, [None, "李四"])


@pytest.mark.parametrize("extra", [0, 1])
def test_exactly_the_allowed_number_of_rows_is_read_and_one_more_is_refused(extra):
    data = workbook([HEADINGS, *[PERSON] * (20 + extra), ["合计"]])
    source = read_workbook(data, "表.xlsx", Limits(max_rows=20)).sheets[0]
    header = find_header(source.rows, KNOWN)
    if extra:
        with pytest.raises(Refused, match="最多20行，请拆分"):
            body(source, header)
    else:
        assert len(body(source, header).rows) == 20


def test_several_filled_sheets_ask_for_a_choice():
    hidden = Sheet("旧", True, [["x"]])
    book = Workbook("xlsx", [sheet(["姓名"]), Sheet("二", False, [["姓名"]]), Sheet("空", False, []), hidden])
    with pytest.raises(Refused, match="（Sheet1、二），请选择工作表"):
        choose_sheet(book)
    assert choose_sheet(book, "二").name == "二"
    with pytest.raises(Refused, match="没有找到工作表“旧”"):
        choose_sheet(book, "旧")


def test_columns_have_letters():
    assert [column_letter(number) for number in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
