"""79 to 95: dates, money, places and codes."""

from __future__ import annotations

import datetime as dt

from accounts.actions import close_unit, rename_unit
from tests import cast as casting
from tests.inputs.corpus import accepted, case, rejected, review
from tests.inputs.desk import answers, xlsx_of
from tests.ledgers.sheets import working

START, WAGE = "就业时间", "月平均工资"

for spelling in (
    "2022.3",
    "2022年3月",
    "202203",
    44621,
    "44621",
    "2022-03",
    "2022/3/1",
    dt.date(2022, 3, 15),
):
    accepted(79, START, spelling, "started", "2022-03")
rejected(80, START, 2022.1, "无法区分1月与10月")
rejected(81, START, "3月", "缺少年份")
rejected(82, "就业转失业日期", "2022-02-30", "日期不存在", 是否务工="否", 未外出务工类型="就业转失业")
rejected(82, START, "2022年13月", "月份不存在")
rejected(83, "务工结束时间", "2022年9月", "结束时间早于开始时间")
accepted(84, "务工结束时间", "至今", "started", "2022-10")
review(85, START, "2099年1月", "晚于今天")
for spelling in ("3000元/月", "３,０００", "0.3万", "3000.00", 3000, "¥3000"):
    accepted(86, WAGE, spelling, "monthly_wage", 3000)
rejected(87, WAGE, "3000-4000", "是区间")
rejected(87, WAGE, "面议", "不是数字")
rejected(88, WAGE, "-100", "不能是负数")
rejected(88, WAGE, -100, "不能是负数")
review(89, WAGE, 0, "金额为0或1")
review(89, WAGE, "1", "金额为0或1")
review(90, WAGE, "36000", "是否年薪")
rejected(91, WAGE, "NaN", "不是数字")
rejected(91, WAGE, "1e308", "不是数字")
rejected(91, WAGE, 1e308, "数值异常")
rejected(91, "年度务工收入", 1e308, "数值异常")


@case(92)
def the_old_name_of_a_village_is_understood_and_shown(desk) -> None:
    units, city = desk.cast.units, desk.cast.city
    rename_unit(units["99111"], "新甲村", city)
    verdict, remarks, _ = desk.row(行政村="甲东一村")
    assert verdict == "new"
    [remark] = remarks
    assert (remark["level"], remark["column"], remark["value"]) == ("info", "行政村", "甲东一村")
    assert "甲东一村" in remark["message"]
    assert "现为新甲村" in remark["message"]
    assert desk.row(行政村="新甲村")[:2] == ("new", [])


@case(92, "a merged village is found under the name it had")
def the_name_of_a_merged_village_leads_to_its_successor(desk) -> None:
    units, city = desk.cast.units, desk.cast.city
    casting.Posting.objects.filter(unit=units["99112"]).delete()
    close_unit(units["99112"], dt.date(2023, 2, 28), city, into=units["99111"])
    verdict, remarks, _ = desk.row(行政村="甲东二村")
    assert (verdict, [one["level"] for one in remarks]) == ("new", ["info"])
    assert "现为甲东一村" in remarks[0]["message"]


@case(92, "an old name that another village bears today means that one")
def a_present_name_goes_before_an_old_one(desk) -> None:
    units, city = desk.cast.units, desk.cast.city
    rename_unit(units["99111"], "新甲村", city)
    rename_unit(units["99112"], "甲东一村", city)
    assert desk.row(行政村="甲东一村")[:2] == ("new", [])
    assert desk.row(行政村="甲东二村")[0] == "new"


@case(93)
def a_village_name_of_two_towns_needs_the_town(desk) -> None:
    desk.cast.units["99121"].name = "甲东一村"
    desk.cast.units["99121"].save()
    data = xlsx_of([working(务工地点="本乡镇")])
    [(verdict, remarks, _)] = answers(desk.receive(data, unit="99", by="city"))
    assert (verdict, remarks[0]["column"]) == ("rejected", "行政村")
    assert "请填乡镇" in remarks[0]["message"]
    data = xlsx_of([working(务工地点="本乡镇", 乡镇="甲西镇")])
    assert answers(desk.receive(data, unit="99", by="city"))[0][0] == "new"


rejected(94, "行政村", "甲西一村", "不在管辖范围")
rejected(94, "单位编码", "99211", "不在管辖范围")
for yes in ("√", "是", "1", "有", 1):
    accepted(95, "是否签订劳动合同", yes, "has_contract", True)
rejected(95, "是否签订劳动合同", "也许", "只能填“是”或“否”")
rejected(95, "就业形式", "正式工", "不在可选项中，可填：")
