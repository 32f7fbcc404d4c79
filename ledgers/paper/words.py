"""What stands on the 采集表 besides the answers: title, notice and the back page, in the terms of today.

The notice says what 个人信息保护法 §17, §30 and §35 want said when an office collects by its duty (§13.1(3)): who, what
for, on which basis, who gets to see it, for how long, and where to turn. The back is domain.md §1.1, 填表说明, 填表规则
and 指标解释 of the form of 2020, shortened.
"""

from __future__ import annotations

from lib.month import Month

TITLE = "外出务工劳动力信息采集表"
SIGNATURES = ("被采集人签字：", "采集人签字：", "采集人电话：", "日期：　　　　年　　月　　日")


def notice(office: str) -> str:
    """The 告知 to the person who is asked; `office` collects."""
    return (
        f"告知：本表由{office}为履行就业帮扶和防止返贫监测职责采集，用于就业服务、补贴政策落实和务工情况统计，"
        "依据《中华人民共和国个人信息保护法》第十三条、第三十四条，不另行取得同意。所填内容只供本级和上级就业帮扶工作"
        "人员因工作使用，并按规定报送务工监测系统，不公开身份证号码、电话和健康状况；表格作为业务档案保管，期满销毁。"
        "您可以向采集人或当地就业帮扶工作专班查询、复制本人信息，发现不准确的可以要求更正。"
    )


def back(month: Month) -> list[dict]:
    """The back page: headings with their numbered sentences, for the 统计年度 of the month."""
    year = month.statistical_year()
    months = Month.statistical_months(year)
    window = f"{months[0].label}至{months[-1].label}"
    return [
        {"title": "填表说明", "lines": _instructions(months[0].label)},
        {"title": "填表规则", "lines": RULES},
        {"title": "指标解释", "lines": _definitions(window, month.year)},
    ]


def _instructions(since: str) -> list[str]:
    return [
        "本表只采集脱贫户、监测户中的普通劳动力、技能劳动力、弱劳动力或半劳动力；丧失劳动力、无劳动力的不采集。"
        "普通劳动力指年满16周岁、不满60周岁，有劳动能力但没有职业资格证书的人；技能劳动力指取得人社部门统一颁发的"
        "相应等级证书、有劳动能力的人；弱劳动力或半劳动力指16至60周岁有劳动能力的病人，以及60周岁以上、"
        "能从事简单劳动的健康人。",
        f"采集范围为{since}以来有过外出务工经历或者正在务工的人。",
        "表中已按台账最近一次数据填好，采集人逐项核对，有变化的划去原内容、在旁边写明；台账没有记录的人，填写一张空白表。",
        "每月核实一次；务工情况有变化的，随时填表，由被采集人和采集人签字后报乡镇，乡镇审核后报县工作专班。",
        "县工作专班每月20日前确认并录入系统，导出有异动的人员交有关部门同步更新。没有签字的表不予确认。",
    ]


RULES = [
    "“基本信息”各项都要填写；除“具体务工时间”和就业服务项目可以多选外，标有“□”的都是单选。",
    "“是否务工”选“是”的，完整填写“已外出务工情况”；选“否”的，完整填写“暂未外出务工情况”。",
    "“是否有外出计划”选“否”的，填写“无外出意愿原因”；选“是”的，填写意向地、意向岗位（工种）和期望月薪。"
    "说不清这三项的，本期先选“否”，下期再问。",
    "“培训意愿”为选填项；有意愿的，类别、工种、日期都要填写，说不清的本期先选“无”，下期再问。",
    "“享受就业服务情况”有则如实填写次数，没有的勾选“未享受过就业服务”。",
]


def _definitions(window: str, year: int) -> list[str]:
    return [
        "外出务工：从第一产业转到二、三产业就业，或者通过劳动取得工资性收入。",
        "两后生：初中、高中毕业后5年内没有继续升学的人。",
        f"年度累计务工时间和年度务工收入：{window}累计，不足一个月的用小数，如3.5个月。县内务工一般不少于1个月且"
        "收入不低于3000元，县外务工一般不少于3个月且收入不低于9000元，低于此标准的一般不计入。",
        "就业形式：单位就业指与单位有较固定的劳动关系；自主创业指办理了登记的经营实体，只采集、不计入务工人数；"
        "灵活就业指没有固定单位的零散就业。",
        "就业时间：到现单位上岗的时间。",
        "缴纳社会保险：指城镇职工养老保险和城镇职工医疗保险，不含城乡居民养老和医疗保险。",
        "返乡回流：失业后从县外返回户籍所在县，或者从县内其他乡镇返回户籍所在乡镇。",
        f"本年度享受就业服务项目：{year}年1月1日以来人社部门提供的就业服务。",
    ]
