"""采集表 and contacts of the open month on their way, in the home village: made by the verbs that people use.

What is kept with them carries the hour of the load, as everything does that is done in a demonstration.
"""

from __future__ import annotations

from itertools import islice

from accounts.models import User
from ledgers.collection import actions, contacts
from ledgers.collection.filling import check, prefill
from ledgers.models import CollectionForm, Contact, FormPaper, Laborer, MonthlyRecord
from reports.demo.picture import scribble
from reports.demo.working import LAST

Outcome = Contact.Outcome
# What the village changed in a form, and how far it went.
CHANGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("draft", {"monthly_wage": "5200"}),
    ("draft", {}),
    ("submitted", {"monthly_wage": "4600"}),
    ("submitted", {"employer": "示例新能源材料厂"}),
    ("submitted", {"has_contract": "是", "has_insurance": "是"}),
    ("submitted", {"wants_training": "有", "training_kind": "技能培训", "training_trade": "电工",
                   "training_on": "2023-04-20"}),
    ("reviewed", {"monthly_wage": "6100"}),
    ("reviewed", {"region_text": "广东省东莞市", "employer": "示例五金制品厂"}),
    ("returned", {"monthly_wage": "5800"}),
    ("returned", {"home_address": "湖北省黄石市阳新县陶港镇王桥村示例新居2栋"}),
)  # fmt: skip
REASONS = ("工资比上月高出很多，请附工资流水或再问一次。", "家庭地址请写到组或楼栋门牌，与户口簿核对。")
SPOKEN = (
    (Outcome.UNREACHABLE, 4, ""), (Outcome.CHANGED, 3, "电话"), (Outcome.UNCHANGED, 6, "电话"),
    (Outcome.UNCHANGED, 3, "微信"), (Outcome.UNCHANGED, 2, "上门"),
)  # fmt: skip


def underway(users: dict[str, User], village: int) -> None:
    """Forms in every state and contacts of every outcome, for people of the village whom nothing else concerns."""
    people = Laborer.objects.filter(village=village, intention__isnull=False).order_by("pk")
    steady = people.filter(records__month=LAST, records__reason="counted", records__job_form="单位就业")
    chosen = list(islice(filter(_whole, steady.distinct().select_related("village")), len(CHANGES)))
    reasons = iter(REASONS)
    for person, (state, changes) in zip(chosen, CHANGES, strict=False):
        form = _filled(person, changes, users["village"])
        if state == "draft":
            continue
        _send(form, users["village"])
        if state == "reviewed":
            actions.review(form, users["township"])
        elif state == "returned":
            actions.send_back(form, next(reasons), users["township"])
    _contacts(users["village"], village, [person.pk for person in chosen])


def _whole(person: Laborer) -> bool:
    """Whether the form of the person could be submitted as the ledger fills it in."""
    texts = prefill(person, LAST)
    form = CollectionForm(laborer=person, village=person.village, month=LAST, values=texts, base=texts)
    return check(form).may_submit


def _filled(person: Laborer, changes: dict[str, str], by: User) -> CollectionForm:
    form = actions.begin(person, LAST, by)
    for key, text in changes.items():
        form = actions.keep(form, key, text, form.values.get(key, ""), by)
    return form


def _send(form: CollectionForm, by: User) -> None:
    for kind in (FormPaper.Kind.PERSON, FormPaper.Kind.COLLECTOR):
        actions.sign(form, kind, scribble(), by)
    actions.submit(form, "电话", by)


def _contacts(by: User, village: int, beside: list[int]) -> None:
    rows = MonthlyRecord.objects.filter(month=LAST, village=village, verify_state=contacts.UNVERIFIED)
    rows = rows.exclude(laborer__in=beside).select_related("laborer__intention").order_by("laborer")
    found = iter(rows)
    for outcome, number, how in SPOKEN:
        for _, record in zip(range(number), found, strict=False):
            shown = contacts.mark(record, contacts.believed(record))
            for _ in range(2 if outcome == Outcome.UNREACHABLE else 1):
                contacts.contact(record.laborer, LAST, how, outcome, shown, by)
