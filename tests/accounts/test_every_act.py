"""Every kind of act in the audit trail, each altered in every column: the first bad sequence is named."""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from accounts import append_only
from accounts.audit import HASHED, AuditEntry, digest, first_bad_entry, head, record
from accounts.audit_words import WORDS
from lib.month import Month
from tests import cast as cast_module

pytestmark = pytest.mark.django_db
BASE = Path(settings.BASE_DIR)
ROOMS = ("accounts", "config", "jobs", "ledgers", "posts", "reports", "sampling", "subsidies")

# What each act tells, as the code that writes it does; a day of a village from beginning to end.
ACTS: dict[str, dict] = {
    "login": {},
    "login.failed": {"username": "cun1"},
    "login.locked": {"username": "cun1"},
    "logout": {},
    "second_factor.bind": {},
    "second_factor.verified": {},
    "second_factor.failed": {},
    "second_factor.reset": {},
    "user.open": {"username": "cun9"},
    "user.rename": {"old": "张某", "new": "章某"},
    "user.remove": {"username": "cun9"},
    "user.enable": {},
    "user.disable": {},
    "user.password_reset": {},
    "user.password_change": {},
    "posting.begin": {"role": "village"},
    "posting.end": {"role": "village"},
    "unit.add": {"code": "99119", "name": "新村", "parent": "9911"},
    "unit.move": {"old": "9911", "new": "9912", "day": "2023-03-02"},
    "unit.rename": {"old": "新村", "new": "老村"},
    "unit.gb_code": {"old": "", "new": "990101001001"},
    "unit.close": {"day": dt.date(2023, 3, 31), "into": None},
    "unit.remove": {"code": "99119", "name": "老村"},
    "reveal": {"field": "id_no", "reason": "电话核实"},
    "reveal.limit": {"limit": 100},
    "import.confirm": {"number": "20230331-0007", "kind": "laborers", "month": "2023-03", "file": "a" * 64,
                       "rows": "b" * 64, "new": 3, "changed": 1, "same": 2, "review": 0, "rejected": 1},
    "import.undo": {"number": "20230331-0007", "kind": "laborers", "left": 0},
    "import.accepted": {"number": "20230331-0007", "kind": "laborers", "rows": 2},
    "import.dismissed": {"number": "20230331-0007", "kind": "laborers", "rows": 2},
    "export": {"rows": 40, "month": Month(2023, 3), "personal": True},
    "export.limit": {"limit": 50},
    "print": {"month": "2023-03", "people": 60},
    "handover.make": {"number": "YD202303-00001", "month": "2023-03", "people": 12},
    "handover.receipt": {"number": "YD202303-00001", "people": 12, "day": "2023-03-31"},
    "month.open": {"month": "2023-03", "people": 40},
    "month.close": {"month": "2023-03", "people": 40, "verified": 30, "counted": 20},
    "month.reopen": {"month": "2023-03", "reason": "更正收入数"},
    "month.deadline": {"month": "2023-03", "rule": "自2023年3月起，每月20日后停止填报"},
    "month.exempt": {"month": "2023-03", "until": "2023-03-25", "reason": "村里停电两天"},
    "month.exempt_end": {"month": "2023-03", "reason": "村里停电两天"},
    "laborer.account": {"bank": "示例农商行"},
    "laborer.account_ask": {"bank": "示例农商行", "reason": "原卡已经注销"},
    "laborer.account_change": {"bank": "示例农商行"},
    "laborer.account_refuse": {"bank": "示例农商行", "reason": "证明看不清楚"},
    "workshop.account": {"name": "示例车间", "bank": "示例农商行"},
    "workshop.account_confirm": {"name": "示例车间", "bank": "示例农商行"},
    "record.verify": {"month": "2023-03", "how": "电话", "outcome": "无变化", "old": "未核实", "new": "已核实"},
    "record.undo": {"month": "2023-03", "outcome": "无变化", "old": "已核实", "new": "未核实"},
    "form.begin": {"month": "2023-03"},
    "form.sign": {"month": "2023-03", "kind": "签字纸照片"},
    "form.submit": {"month": "2023-03", "person": 7, "how": "电话", "changes": {"月平均工资": ["4500", "5000"]}},
    "form.withdraw": {"month": "2023-03", "person": 7},
    "form.send_back": {"month": "2023-03", "person": 7, "reason": "工资请与本人核对"},
    "form.review": {"month": "2023-03", "person": 7},
    "form.confirm": {"month": "2023-03", "person": 7, "changes": {"月平均工资": ["4500", "5000"]}},
    "service.give": {"kind": "岗位推介", "day": "2023-03-29", "outcome": "不愿意", "evidence": "说明"},
    "service.undo": {"kind": "岗位推介", "day": "2023-03-29"},
    "household.recognise": {"day": "2023-01-31", "basis": "入户核实无人就业"},
    "household.clear": {"day": "2023-02-20", "why": "有人就业"},
    "campaign.open": {"month": "2023-03", "name": "三月抽查"},
    "call.record": {"month": "2023-03", "connected": True, "place_matches": None},
    "target.set": {"old": 5, "new": 6},
    "baseline.set": {"name": "2022年10月", "old": None, "new": 6},
    "bulletin.draft": {"month": "2023-03", "version": 1},
    "bulletin.edit": {"sentence": "s1", "text": [{"slot": "I01"}]},
    "bulletin.switch": {"sentence": "s1", "on": False},
    "bulletin.restore": {"sentence": "s1", "text": []},
    "bulletin.refresh": {"lost": ["s2"]},
    "bulletin.submit": {"version": 1},
    "bulletin.send_back": {"version": 1},
    "bulletin.publish": {"version": 1, "hash": "c" * 64},
    "bulletin.keep": {"pdf": "d" * 64, "json": "e" * 64},
    "bulletin.ask_reopen": {"reason": "目标数有误"},
    "bulletin.reopen": {"reason": "目标数有误", "version": 2, "lost": []},
    "subsidy.screen": {"month": "2023-03", "scheme": "交通补贴", "people": 40},
    "subsidy.apply": {"scheme": "B01", "period": "2023", "person": 7, "how": "本人申请", "amount": "1,500.00"},
    "subsidy.apply_again": {"scheme": "B01", "period": "2023", "person": 7, "how": "代办", "amount": "1,500.00"},
    "subsidy.paper": {"scheme": "B01", "kind": "务工证明或劳动合同"},
    "subsidy.withdraw": {"scheme": "B01", "period": "2023", "person": 7, "reason": "本人不要了"},
    "subsidy.check": {"scheme": "B01", "period": "2023", "person": 7},
    "subsidy.notice": {"scheme": "B01", "period": "2023", "person": 7},
    "subsidy.notice_photo": {"scheme": "B01", "period": "2023"},
    "subsidy.notice_end": {"scheme": "B01", "period": "2023", "person": 7},
    "subsidy.compare": {"scheme": "B01", "period": "2023", "person": 7, "different": "务工单位"},
    "subsidy.approve": {"scheme": "B01", "period": "2023", "person": 7, "amount": "1,500.00"},
    "subsidy.return": {"scheme": "B01", "period": "2023", "person": 7, "reason": "材料不清楚"},
    "subsidy.reject": {"scheme": "B01", "period": "2023", "person": 7, "reason": "没有外出务工"},
    "subsidy.waive": {"scheme": "B01", "period": "2023", "person": 7},
    "subsidy.waiver_mark": {"scheme": "B01", "period": "2023", "person": 7, "day": "2023-03-18"},
    "subsidy.unwaive": {"scheme": "B01", "period": "2023", "person": 7},
    "subsidy.batch": {"scheme": "B01", "number": "FF20230401-00001", "people": 3, "amount": "900.00"},
    "subsidy.batch_confirm": {"number": "FF20230401-00001", "people": 3, "amount": "900.00"},
    "subsidy.batch_fund": {"number": "FF20230401-00001", "people": 3, "amount": "900.00", "paper": "示例财〔2023〕1号",
                           "day": "2023-04-02", "fund": "衔接资金"},
    "subsidy.batch_take_out": {"number": "FF20230401-00001", "people": 3, "amount": "900.00", "line": 2,
                               "reason": "账户已更换"},
    "subsidy.batch_void": {"number": "FF20230401-00001", "people": 3, "amount": "900.00", "reason": "重新组批"},
    "subsidy.batch_send": {"number": "FF20230401-00001", "people": 3, "amount": "900.00", "digest": "a" * 32},
    "subsidy.batch_file": {"number": "FF20230401-00001", "people": 3, "personal": True},
    "subsidy.batch_papers": {"number": "FF20230401-00001", "people": 3, "personal": True},
    "subsidy.batch_result": {"number": "FF20230401-00001", "people": 3, "amount": "900.00", "rows": 3, "paid": 2,
                             "failed": 1, "problems": 0, "file": "a" * 64},
    "subsidy.batch_mark": {"number": "FF20230401-00001", "people": 3, "amount": "900.00", "line": 2,
                           "outcome": "failed", "reason": "账户已销户"},
    "subsidy.refund": {"number": "FF20230401-00001", "line": 2, "amount": "300.00", "day": "2023-04-20",
                       "voucher": "2023-17", "reason": "重复享受"},
    "subsidy.refund_confirm": {"number": "FF20230401-00001", "line": 2, "amount": "300.00", "day": "2023-04-20",
                               "voucher": "2023-17"},
    "subsidy.refund_drop": {"number": "FF20230401-00001", "line": 2, "amount": "300.00", "day": "2023-04-20",
                            "voucher": "2023-17"},
    "message.write": {"title": "稳岗补贴提醒", "version": 1},
    "message.switch": {"title": "稳岗补贴提醒", "on": False},
    "message.prepare": {"title": "稳岗补贴提醒", "version": 1, "people": 40},
    "message.send": {"people": 40, "parts": 80},
    "message.stop": {"people": 40},
    "message.forward": {"title": "稳岗补贴提醒", "version": 1},
    "post.assess": {"title": "2023年度", "old": "", "new": "合格", "day": "2023-03-30"},
    "attendance.fill": {"month": "2023-03", "people": 5},
    "attendance.strike": {"month": "2023-03", "people": 5},
    "attendance.paper": {"month": "2023-03"},
    "attendance.sign": {"month": "2023-03", "people": 5},
    "attendance.check": {"month": "2023-03"},
    "attendance.return": {"month": "2023-03", "reason": "签到表缺一人"},
    "pay.draft": {"month": "2023-03", "people": 5, "amount": "1500.00"},
    "pay.approve": {"month": "2023-03", "people": 5, "amount": "1500.00"},
    "pay.pay": {"month": "2023-03", "people": 5, "amount": "1500.00", "voucher": "2023-04-1", "day": "2023-03-31"},
    "pay.bounce": {"month": "2023-03", "amount": "300.00", "reason": "账号户名不符"},
    "pay.again": {"month": "2023-03", "amount": "300.00", "voucher": "2023-04-2", "day": "2023-03-31"},
    "pay.void": {"month": "2023-03", "amount": "300.00", "reason": "本月外出务工"},
    "pay.void_run": {"month": "2023-03", "people": 5, "amount": "1500.00", "reason": "标准有变"},
    "post.propose": {"number": "GW-99111-001", "title": "村级护林员"},
    "post.check": {"number": "GW-99111-001"},
    "post.open": {"number": "GW-99111-001", "day": "2023-03-10"},
    "post.refuse": {"number": "GW-99111-001", "reason": "本村岗位已够"},
    "post.close": {"number": "GW-99111-001", "reason": "资金到期"},
    "post.ceiling": {"year": 2023, "kind": "护林员", "old": None, "new": 5},
    "post.policy": {"notice_days": 3, "new_under": 65, "stay_under": 70, "one_per_household": True,
                    "no_cadre_family": False},
    "post.announce": {"number": "GW-99111-001", "until": "2023-03-12"},
    "post.apply": {"number": "GW-99111-001", "person": 7},
    "post.meet": {"number": "GW-99111-001", "person": 7, "day": "2023-03-12"},
    "post.notice": {"number": "GW-99111-001", "person": 7, "until": "2023-03-15"},
    "post.recommend": {"number": "GW-99111-001", "person": 7},
    "post.appoint": {"number": "GW-99111-001", "person": 7, "day": "2023-03-20"},
    "post.withdraw": {"number": "GW-99111-001", "person": 7, "reason": "本人放弃"},
    "post.contract": {"number": "GW-99111-001", "person": 7, "kind": "劳务协议", "until": "2024-03-19"},
    "post.insure": {"number": "GW-99111-001", "person": 7, "until": "2024-03-19"},
    "post.exit_notify": {"number": "GW-99111-001", "person": 7, "reason": "本人自愿", "day": "2023-03-20"},
    "post.exit_decide": {"number": "GW-99111-001", "person": 7, "reason": "本人自愿", "day": "2023-03-25"},
    "post.exit_file": {"number": "GW-99111-001", "person": 7, "reason": "本人自愿", "day": "2023-03-24"},
    "post.exit_call_off": {"number": "GW-99111-001", "person": 7, "title": "本人自愿", "reason": "本人不愿退岗"},
    "workshop.propose": {"name": "示例车间", "code": "99111-CJ01"},
    "workshop.amend": {"name": "示例车间"},
    "workshop.withdraw": {"name": "示例车间", "code": "99111-CJ01"},
    "workshop.recognise": {"name": "示例车间", "day": "2023-03-10", "code": "示认字1号"},
    "workshop.refuse": {"name": "示例车间", "reason": "带动人数不足"},
    "workshop.review": {"name": "示例车间", "day": "2023-03-10", "outcome": "合格"},
    "workshop.revoke": {"name": "示例车间", "reason": "长期停产"},
    "workshop.suspend": {"name": "示例车间", "day": "2023-03-10", "reason": "设备检修"},
    "workshop.resume": {"name": "示例车间"},
    "workshop.close": {"name": "示例车间", "day": "2023-03-10", "reason": "订单终止"},
    "workshop.standard": {"year": 2023, "people": 5},
    "placement.begin": {"name": "示例车间", "day": "2023-03-10", "counted": True},
    "placement.amend": {"name": "示例车间"},
    "placement.end": {"name": "示例车间", "day": "2023-03-20", "reason": "个人辞职"},
    "placement.undo": {"name": "示例车间", "day": "2023-03-20"},
    "award.make": {"name": "示例车间", "kind": "阶梯式奖补", "year": 2023, "people": 5, "amount": "10,000.00"},
    "award.approve": {"name": "示例车间", "kind": "阶梯式奖补", "year": 2023, "people": 5, "amount": "10,000.00"},
    "award.refuse": {"name": "示例车间", "kind": "阶梯式奖补", "year": 2023, "reason": "名单有误"},
    "training.plan": {"year": 2023, "people": 680, "rate": "15.00"},
    "training.approve": {"year": 2023},
    "training.make": {"name": "电工一期", "days": 5},
    "training.change": {"name": "电工一期", "days": 6},
    "training.open": {"name": "电工一期", "people": 40},
    "training.finish": {"name": "电工一期", "people": 40, "trained": 38},
    "training.reopen": {"name": "电工一期", "reason": "考勤登记有误"},
    "training.certified": {"name": "电工一期", "people": 30},
    "training.cancel": {"name": "电工一期", "reason": "教师临时有事"},
    "training.propose": {"name": "电工一期"},
    "training.enrol": {"name": "电工一期"},
    "training.confirm": {"name": "电工一期"},
    "training.leave": {"name": "电工一期", "reason": "本人外出务工"},
    "training.mark": {"name": "电工一期", "day": "2023-03-16", "people": 38},
    "training.count": {"name": "电工一期", "days": 5},
    "training.certify": {"name": "电工一期", "number": "ZS990001"},
    "training.uncertify": {"name": "电工一期", "number": "ZS990001"},
    "training.allowance": {"name": "电工一期", "people": 38, "amount": "2,850.00"},
    "training.allow": {"name": "电工一期", "people": 38, "amount": "2,850.00"},
    "training.pay": {"name": "电工一期", "day": "2023-03-30", "people": 38, "amount": "2,850.00"},
    "subsidy.reason": {"code": "B01", "period": "2023", "reason": "外出未归"},
    "scheme.write": {"code": "B01", "version": 2},
    "scheme.try": {"code": "B01", "version": 2, "month": "2023-03"},
    "scheme.approve": {"code": "B01", "version": 2, "month": "2023-04", "hash": "c" * 64},
    "scheme.void": {"code": "B01", "version": 2},
    "demo.load": {"scale": "city", "seed": 20230331, "answer": {"unit": "99", "months": ["2023-03"]}},
    "data.restore": {"made_at": "2023-04-01T01:10:00+08:00", "head": [[7, "f" * 64]]},
    "keys.rotate": {"to": "k2", "places": {"ledgers.laborer.id_no": 3}},
}  # fmt: skip


NAME, GROUPS = re.compile(r"[a-z_]+\.[a-z_]+"), {act.partition(".")[0] for act in ACTS}


def names_in(path: Path) -> Iterator[str]:
    """What the module may give to `record` or `record_all` as the name of the act.

    A literal is its own name; for one in a variable every literal of the module that looks like an act is taken.
    """
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and node.args
            and ast.unparse(node.func) in ("record", "record_all", "audit.record")
        ):
            first = node.args[0]
            for one in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                if isinstance(one, ast.Constant):
                    yield str(one.value)
                elif isinstance(one, ast.JoinedStr):
                    yield ast.unparse(one)
                elif isinstance(one, ast.Name) and one.id.isupper():
                    yield getattr(
                        import_module(".".join(path.relative_to(BASE).with_suffix("").parts)), one.id
                    )
                else:
                    texts = {str(n.value) for n in ast.walk(tree) if isinstance(n, ast.Constant)}
                    yield from (
                        text for text in texts if NAME.fullmatch(text) and text.partition(".")[0] in GROUPS
                    )


def test_every_act_that_the_code_writes_is_in_the_list_and_has_a_word():
    told = {name for room in ROOMS for path in (BASE / room).rglob("*.py") for name in names_in(path)}
    assert "f'import.{decision}'" in told
    told = told - {"f'import.{decision}'"} | {"import.accepted", "import.dismissed"}
    assert told == set(ACTS)
    assert not told - set(WORDS)


@pytest.fixture
def trail() -> list[AuditEntry]:
    """One entry of each act, in a database whose guard is switched off as an intruder would."""
    cast = cast_module.build()
    first = AuditEntry.objects.count()
    for number, (action, detail) in enumerate(ACTS.items()):
        record(action, cast.village if number % 3 else None, cast.village, cast.units["99111"], **detail)
    with connection.cursor() as cursor:
        for statement in append_only.drop(connection.vendor):
            cursor.execute(statement)
    assert first_bad_entry() is None
    return list(AuditEntry.objects.filter(sequence__gt=first).order_by("sequence"))


def other(value: object) -> object:
    """Nearly the same, and not the same."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value.endswith('1') else '1'}"
    return [*value, 1] if isinstance(value, list) else value | {"more": 1}


def altered(entry: AuditEntry) -> Iterator[tuple[str, object]]:
    """Each column with other values, `detail` with each of its answers altered, missing and added."""
    yield "at", entry.at + dt.timedelta(microseconds=1)
    yield "actor_id", None if entry.actor_id else AuditEntry.objects.exclude(actor=None).first().actor_id
    yield "sequence", entry.sequence + 1000
    yield "version", entry.version + 1
    for column in ("action", "unit_path", "about", "previous_hash", "hash"):
        yield column, other(getattr(entry, column))
    yield "detail", entry.detail | {"more": ""}
    for key, value in entry.detail.items():
        yield "detail", entry.detail | {key: other(value)}
        yield "detail", {name: kept for name, kept in entry.detail.items() if name != key}


def test_any_column_altered_in_an_entry_of_any_act_names_that_entry(trail):
    columns = {field.attname for field in AuditEntry._meta.concrete_fields} - {"id"}
    assert columns == {*HASHED, "hash"}
    for entry in trail:
        row, seen = AuditEntry.objects.filter(pk=entry.pk), set()
        for column, value in altered(entry):
            row.update(**{column: value})
            bad = first_bad_entry()
            assert (bad or (None,))[0] == entry.sequence, (entry.action, column, value)
            row.update(**{column: getattr(entry, column)})
            seen.add(column)
        assert seen == columns
    assert first_bad_entry() is None


def test_an_entry_of_any_act_deleted_swapped_or_cut_off_is_named(trail):
    last = trail[-1].sequence
    for entry, following in zip(trail, [*trail[1:], None]):
        with taken_back():
            AuditEntry.objects.filter(pk=entry.pk).delete()
            assert first_bad_entry()[0] == entry.sequence
        with taken_back():
            AuditEntry.objects.filter(sequence__gte=entry.sequence).delete()
            assert first_bad_entry() == (entry.sequence, f"第{entry.sequence}条及以后的记录被截去")
        if following:
            with taken_back():
                for pk, sequence in (
                    (entry.pk, -1),
                    (following.pk, entry.sequence),
                    (entry.pk, following.sequence),
                ):
                    AuditEntry.objects.filter(pk=pk).update(sequence=sequence)
                assert first_bad_entry()[0] == entry.sequence
    assert (first_bad_entry(), head()[0]) == (None, last)


def test_an_altered_entry_that_was_hashed_anew_breaks_at_the_next(trail):
    for entry in trail:
        with taken_back():
            entry.action = "login" if entry.action != "login" else "logout"
            forged = digest([getattr(entry, name) for name in HASHED])
            AuditEntry.objects.filter(pk=entry.pk).update(action=entry.action, hash=forged)
            assert first_bad_entry()[0] == entry.sequence + 1


@contextmanager
def taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
