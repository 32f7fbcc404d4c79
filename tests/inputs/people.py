"""42 to 78: identity numbers, names and telephones as they stand in the cells of real workbooks."""

from __future__ import annotations

import datetime as dt
import io

from jobs.exports import allowed, write_export
from ledgers.models import Laborer
from lib.sheets import read_workbook
from tests import factories
from tests.factories import MARCH, citizen_id
from tests.inputs.corpus import PROVEN, accepted, case, rejected, review
from tests.ledgers.sheets import fresh_id, working

ID, NAME, PHONE = "身份证号码", "姓名", "联系电话"
GOOD, WITH_X = "990101199001010019", "99010119900301016X"
LOST = "身份证号被存成数字，末位已丢失"


def number_of(prefix: str) -> str:
    """A well-formed number with another beginning."""
    from lib.identity import id_check_digit

    return (first := f"{prefix}19900101001") + id_check_digit(first)


rejected(42, ID, 990101198506150000.0, LOST)
rejected(42, ID, 4.2028e17, LOST)
rejected(43, ID, "4.2028E+17", LOST)
rejected(43, ID, "990101198506150000", LOST)
for spelling in (f" {GOOD}", f"\u00a0{GOOD}\u200b", f"'{GOOD}", "9901 0119 9001 0100 19", f"{GOOD}\u3000"):
    accepted(44, ID, spelling, "id_no", GOOD)
accepted(45, ID, "９９０１０１１９９００１０１００１９", "id_no", GOOD)
accepted(45, ID, "99010119900301016Ｘ", "id_no", WITH_X)
accepted(46, ID, WITH_X.lower(), "id_no", WITH_X)
rejected(47, ID, "990101199001010018", "校验码错误")
rejected(48, ID, "9901011990X1010018", "X只能在最后一位")
review(49, ID, "990101900101001", "15位")
rejected(50, ID, "99010119900101001", "应为18位，现为17位")
rejected(50, ID, "9901011990010100199", "应为18位，现为19位")
rejected(51, ID, "990101199002300012", "出生日期不存在")
rejected(52, ID, citizen_id(7, dt.date(2007, 4, 1)), "未满16周岁")
review(52, ID, citizen_id(7, dt.date(1963, 3, 31)), "弱劳动力")
accepted(53, ID, number_of("420201"), "id_no", number_of("420201"))
accepted(53, ID, number_of("512222"), "id_no", number_of("512222"))
review(54, "性别", "女", "性别与身份证号码不符", 身份证号码=GOOD)
for region in ("810000", "820000", "830000"):
    accepted(55, ID, number_of(region), "id_no", number_of(region))
rejected(56, ID, f"{GOOD}43", "疑似残疾人证号")
rejected(57, ID, "99010119900101001²", "身份证号码含有数字和X以外的字符")
rejected(57, ID, "四二0101199001010019", "身份证号码含有数字和X以外的字符")


@case(58)
def the_same_person_twice_is_merged_or_both_rows_are_named(desk) -> None:
    line = working(务工地点="本乡镇")
    first, second = desk.rows([line, line])
    assert (first[0], second[0]) == ("new", "same")
    assert "与第2行完全相同，已合并" in second[1][0]["message"]
    judged = desk.rows([line, line | {"月平均工资": "5000"}, line | {"月平均工资": "5100"}])
    assert {verdict for verdict, _, _ in judged} == {"rejected"}
    assert "与第3行、第4行是同一个人" in judged[0][1][0]["message"]
    assert "与第2行、第3行是同一个人" in judged[2][1][0]["message"]


@case(59)
def somebody_of_another_village_gets_one_answer_near_and_far(desk) -> None:
    for village in ("99112", "99121", "99211"):
        known = factories.laborer(desk.cast.units[village], "示例别")
        verdict, remarks, _ = desk.row(姓名="示例别", 身份证号码=known.id_no)
        assert (verdict, [one["message"] for one in remarks]) == ("review", ["已提交，待乡镇核对"]), village
        assert village not in str(remarks)


@case(60)
def a_known_number_under_another_name_is_asked_about(desk) -> None:
    known = factories.laborer(desk.cast.units["99111"], "示例甲")
    verdict, remarks, _ = desk.row(姓名="示例乙", 身份证号码=known.id_no)
    assert verdict == "review"
    assert any("另一个姓名" in one["message"] and one["value"] == "示例乙" for one in remarks)


@case(61)
def a_rare_character_goes_through_the_database_and_comes_out(desk) -> None:
    name = "张\U0002ebf0"
    desk.confirm(desk.sent[-1] if desk.rows([working(姓名=name)]) else None)
    assert Laborer.objects.get().name == name
    county, unit, out = desk.cast.county, desk.cast.units["991"], io.BytesIO()
    write_export(allowed("laborers", county, unit), county, unit, MARCH, out)
    assert any(name in row for row in read_workbook(out.getvalue(), "导出.xlsx").sheets[0].rows)


PROVEN[61] = "tests/lib/test_documents_pdf.py::test_rare_characters_come_from_the_fallback_font"

for lost in ("\ue123", "□", "?", "？", "\ufffd"):
    review(62, NAME, f"张{lost}", "疑似生僻字乱码")
for dot in "·•・．":
    accepted(63, NAME, f"阿依古丽{dot}买买提", "name", "阿依古丽\u00b7买买提")


@case(64)
def a_compatibility_ideograph_is_kept_and_asked_about(desk) -> None:
    verdict, remarks, new = desk.row(姓名="\uf90a国强")
    assert (verdict, new["name"]) == ("review", "\uf90a国强")
    assert "兼容字形" in remarks[0]["message"]


accepted(65, NAME, "张 三", "name", "张三")
accepted(65, NAME, "张\u3000三", "name", "张三")
rejected(66, NAME, "张三😀", "非法字符")
review(67, NAME, "张三2", "含字母、数字或符号")
rejected(68, NAME, "张" * 51, "超过50个字")
rejected(69, NAME, "<script>alert(1)</script>", "非法字符")


@case(69, "what was refused is shown escaped")
def markup_is_shown_as_text(desk, client) -> None:
    desk.row(姓名="<script>alert(1)</script>", 就业单位名称="<img src=x>")
    client.force_login(desk.cast.township)
    shown = client.get(f"/imports/{desk.sent[-1].pk}/rows/rejected/").content.decode()
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in shown
    assert "<img src=x" not in shown


rejected(70, NAME, "=cmd|'/C calc'!A0", "姓名含非法字符")
rejected(70, NAME, "@SUM(A1)", "姓名含非法字符")
for sign in ("\0", "\x07", "\u202e", "\u2066"):
    rejected(71, NAME, f"张{sign}三", "非法字符")
for title in (
    "就业单位名称",
    "务工地点",
    "家庭地址",
    "行政村",
    "安置点",
    "其他就业形式",
    "就业渠道",
    "单位编码",
    "务工地点省",
):
    rejected(71, title, f"示例\0厂\u202e{title}", "非法字符")

for spelling in (
    "+86 139-0000-0001",
    "008613900000001",
    "8613900000001",
    "139 0000 0001",
    "１３９０００００００１",
):
    accepted(72, PHONE, spelling, "phone", "13900000001")
accepted(73, PHONE, "0714-6221234", "phone", "0714-6221234")
accepted(73, PHONE, "07146221234", "phone", "0714-6221234")
accepted(74, PHONE, "13900000001/13900000002", "phone", "13900000001", "有两个号码")
accepted(74, PHONE, "13900000001、0714-6221234", "phone", "13900000001", "有两个号码")
accepted(75, PHONE, 13900000001.0, "phone", "13900000001")
accepted(75, PHONE, "13900000001.0", "phone", "13900000001")
rejected(76, PHONE, "1390000000", "应为11位，现为10位")
rejected(76, PHONE, "139000000011", "应为11位，现为12位")
review(77, PHONE, "11111111111", "疑似随意填写")


@case(78)
def one_telephone_for_thirty_people_is_asked_about(desk) -> None:
    lines = [working(务工地点="本乡镇", 联系电话="13911112222", 身份证号码=fresh_id()) for _ in range(30)]
    judged = desk.rows(lines)
    assert {verdict for verdict, _, _ in judged} == {"review"}
    assert "登记了30人" in judged[0][1][0]["message"]
    assert {verdict for verdict, _, _ in desk.rows(lines[:29])} == {"new"}
