"""One village's month as its officer works through it: a card for each person, grouped by what is to be done."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from accounts.models import Unit, User
from ledgers.collection.contacts import UNREACHABLE, VERIFIED, believed, mark
from ledgers.models import CollectionForm, Contact, Laborer, MonthlyRecord, WorkSpell
from lib.identity import age_on
from lib.month import Month

State = CollectionForm.State
WORKING_AGE = 16
RETURNED, LEFT, LOST, CHANGED, DONE, OTHERS = "returned", "todo", "lost", "changed", "done", "others"
# Group → its name and the tone of its chip, in the order in which they are worked through.
GROUPS = {
    RETURNED: ("退回", "bad"),
    LEFT: ("未核实", "warn"),
    LOST: ("联系不上", "warn"),
    CHANGED: ("有变化", "info"),
    DONE: ("已核实", "good"),
    OTHERS: ("不在统计范围", ""),
}


@dataclass
class Card:
    """One person of the month: the record, the contacts that stand, the form on its way."""

    row: MonthlyRecord
    contacts: Sequence[Contact]
    form: CollectionForm | None
    form_url: str = ""  # where a change is written down; set by the page

    @cached_property
    def facts(self) -> dict[str, str]:
        return believed(self.row)

    @property
    def mark(self) -> str:
        return mark(self.row, self.facts)

    @property
    def key(self) -> str:
        """The client key of the next contact noted from this screen: sent twice, it is kept once."""
        return str(uuid.uuid4())

    @property
    def last(self) -> Contact | None:
        return self.contacts[-1] if self.contacts else None

    @cached_property
    def group(self) -> str:
        if self.form and self.form.state == State.RETURNED:
            return RETURNED
        if self.form or self._said_changed:
            return CHANGED
        if self.row.verify_state == VERIFIED:
            return DONE
        return LOST if self.row.verify_state == UNREACHABLE else LEFT

    @property
    def _said_changed(self) -> bool:
        """Whether the last word was 有变化, and no form has answered it since."""
        if self.last is None or self.last.outcome != Contact.Outcome.CHANGED:
            return False
        return self.row.verified_at is None or self.row.verified_at < self.last.at

    @property
    def in_population(self) -> bool:
        return self.row.is_poverty or self.row.is_monitored

    @property
    def section(self) -> str:
        """Under which heading the card stands: whom no figure counts last."""
        return self.group if self.in_population else OTHERS

    @property
    def place(self) -> str:
        """What we believe, first line: where the person works, or that they do not."""
        return (self.facts["务工地点"] or "务工地点未填") if self.row.working else "未务工"

    @property
    def work(self) -> list[str]:
        """The rest: for whom, for how much, since when; or why not."""
        facts = self.facts
        if not self.row.working:
            reasons = [facts["未外出务工类型"], facts["无外出意愿原因"]]
            parts = [*(reasons if any(reasons) else ["未务工原因未填"]), facts["当前状态"]]
        else:
            since = facts["开始时间"]
            parts = [
                facts["就业单位"] or facts["就业形式"],
                f"月平均工资{facts['月平均工资'] or '未填'}",
                f"{since}起" if since else "",
                facts["当前状态"],
            ]
        return [part for part in parts if part]

    @property
    def chip(self) -> tuple[str, str]:
        """The word of the state and its tone."""
        name, tone = GROUPS[self.group]
        if self.group == CHANGED:
            name = self.form.get_state_display() if self.form else "待填采集表"
        return name, tone

    @property
    def attempts(self) -> int:
        return sum(one.outcome == Contact.Outcome.UNREACHABLE for one in self.contacts)

    @property
    def said(self) -> str:
        """What is known of the contacts of this month, in one line."""
        if self.group == RETURNED and self.form:
            return f"退回原因：{self.form.reason}"
        if self.group == DONE:
            by = self.row.verified_by.name if self.row.verified_by else ""
            at = _day(self.row.verified_at) if self.row.verified_at else ""
            return "，".join(part for part in (self.row.verified_how, at, by) if part)
        if self.attempts and self.last:
            told = f"联系过{self.attempts}次没联系上，最近一次{_day(self.last.at)}"
            return told if self.group == LOST else f"联系过{self.attempts}次"
        return ""

    @property
    def proposal(self) -> str:
        """Why a form is due though nobody asked for one: new of age, newly monitored, back home (domain §5.1, 预填)."""
        if self.form or self.group == DONE:
            return ""
        return proposed(self.row.laborer, self.row.month)

    @property
    def may_undo(self) -> bool:
        """Whether the last contact is what the card shows, so that taking it back makes sense."""
        if self.last is None or self.form:
            return False
        if self.last.outcome == Contact.Outcome.UNCHANGED:
            return self.row.verified_at == self.last.at
        return self.group in (LOST, CHANGED)


def proposed(person: Laborer, month: Month) -> str:
    """What happened to the person in `month` or the one before that the 采集表 should tell; empty for nothing."""
    since, until = (month - 1).first_day, month.last_day
    intention, household = getattr(person, "intention", None), person.household
    if age_on(person.birth_date, until) >= WORKING_AGE > age_on(person.birth_date, since):
        return "刚满16周岁"
    if household.monitored_on and since <= household.monitored_on <= until:
        return "新识别的监测对象"
    if intention and intention.returned_on and since <= intention.returned_on <= until:
        return "返乡回流"
    return ""


def _day(moment) -> str:
    day = timezone.localtime(moment)
    return f"{day.month}月{day.day}日"


_READ = (
    "month", "is_poverty", "is_monitored", "working", "place_class", "job_form", "employer", "monthly_wage",
    "verify_state", "verified_at", "verified_how", "verified_by__name", "village__code", "village__path",
    "laborer__name", "laborer__initials", "laborer__phone", "laborer__person_state",
    "laborer__intention__idle_type", "laborer__intention__no_plan_reason", "laborer__intention__returned_on",
    "laborer__birth_date", "laborer__household__monitored_on",
)  # fmt: skip
_SPELL = ("laborer", "started", "ended", "region_text", "job_form", "employer", "monthly_wage")


def cards(rows: QuerySet[MonthlyRecord]) -> list[Card]:
    """The cards of these records of one month, by name; a handful of queries, however many they are."""
    found = list(
        rows.select_related("laborer__intention", "laborer__household", "village", "verified_by")
        .only(*_READ)
        .prefetch_related(Prefetch("laborer__spells", WorkSpell.objects.only(*_SPELL)))
        .order_by("laborer__name", "laborer_id")
    )
    if not found:
        return []
    people, month = [row.laborer_id for row in found], found[0].month
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for one in Contact.objects.filter(laborer__in=people, month=month).standing().defer("shown"):
        contacts[one.laborer_id].append(one)
    living = CollectionForm.objects.living().filter(laborer__in=people, month=month)
    forms = {form.laborer_id: form for form in living.defer("values", "base", "typed")}
    return [Card(row, contacts[row.laborer_id], forms.get(row.laborer_id)) for row in found]


def newcomers(user: User, village: Unit, month: Month) -> list[CollectionForm]:
    """Forms on their way of people the ledger does not have yet."""
    mine = CollectionForm.objects.visible_to(user).living()
    return list(mine.filter(village=village, month=month, laborer=None).order_by("pk"))


def grouped(found: Iterable[Card]) -> dict[str, list[Card]]:
    """Cards by group, every group of GROUPS in its order; who does not count for the figures stands last."""
    groups: dict[str, list[Card]] = {group: [] for group in GROUPS}
    for card in found:
        groups[card.section].append(card)
    return groups
