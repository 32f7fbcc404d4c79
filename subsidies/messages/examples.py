"""Texts to begin with, our own; an office replaces standards and dates by those of its own notices."""

from __future__ import annotations

from subsidies.messages.texts import SMS, WECHAT

# name → what a new template is filled with
EXAMPLES: dict[str, dict[str, str]] = {
    "稳岗补贴短信": {
        "kind": SMS,
        "scheme": "B02",
        "title": "稳岗补贴申领提醒",
        "text": "{姓名}您好：您可能符合{政策}条件，标准{标准}。请于{截止日期}前联系{村}村委会办理，电话{联系电话}。",
    },
    "交通补贴短信": {
        "kind": SMS,
        "scheme": "B01",
        "title": "交通补贴申领提醒",
        "text": "{姓名}您好：今年外出务工的{政策}开始申领，请保留车票和务工证明，"
        "{截止日期}前交到{村}村委会，可由家人代办。",
    },
    "交通补贴微信": {
        "kind": WECHAT,
        "scheme": "B01",
        "title": "交通补贴（发群）",
        "text": "各位乡亲：今年到县外、省外务工的，可以申领{政策}。\n标准：{标准}。\n时间：{截止日期}前。\n"
        "地点：{村}村委会，在外的可由家人代办。\n电话：{联系电话}。请互相转告。",
    },
    "培训补贴微信": {
        "kind": WECHAT,
        "scheme": "B09",
        "title": "技能培训报名（发群）",
        "text": "技能培训班开始报名，参加培训的脱贫户、监测户按天领{政策}，标准{标准}。\n报名截至{截止日期}，"
        "请到{村}村委会登记，电话{联系电话}。",
    },
}
