"""The verbs of a 采集表. Each happens in one transaction, in an open month, within the right and reach of who does it.

    begin, keep, sign, submit  →  review (township)  →  confirm (county, into the ledger)
    withdraw before the review · send_back from either office, with a reason

Every verb reads the form again and locks it, so that of two at once the second sees what the first did. Nobody reviews
or confirms what they entered. Only `confirm` changes the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.authority import NotAllowed, because
from accounts.models import Unit, User
from jobs import papers
from ledgers import entry, facts
from ledgers.codes import VERIFY_STATES
from ledgers.collection.fields import FIELDS, canonical, fields
from ledgers.collection.filling import Checked, changed_keys, check, context_of, prefill
from ledgers.imports import history
from ledgers.imports.writing import Writer
from ledgers.models import CollectionForm, FormPaper, Laborer, MonthlyRecord
from ledgers.models.collection import HOW, PAPER_RIGHT
from ledgers.periods import ensure_entry, ensure_open
from lib import changes as news
from lib.month import Month
from lib.staging import SAME, Stale

State = CollectionForm.State
LONGEST = 500  # characters of one answer
WORDS = ("采集登记", "采集变更")  # on the person's page
FILLS_IN = "p"  # the letter of who collects
CHANGED_MEANWHILE = "这些采集表在您查看之后有了变化，请重新核对：{names}。"


class Differs(Exception):
    """Somebody else answered the same field meanwhile: both values, who and when. Secret ones are for the form only."""

    def __init__(self, key: str, mine: str, theirs: str, who: str, at: str) -> None:
        super().__init__(f"{FIELDS[key].label}已被{who or '他人'}改过，请核对后再定。")
        self.key, self.mine, self.theirs, self.who, self.at = key, mine, theirs, who, at


class Incomplete(NotAllowed):
    """The form may not go on; `checked` says what is missing or cannot be."""

    def __init__(self, checked: Checked) -> None:
        told = [message for _, _, message in [*checked.refused, *checked.missing]]
        super().__init__("".join(told[:5]) + (f"另有{len(told) - 5}处。" if len(told) > 5 else ""))
        self.checked = checked


class ChangedSince(NotAllowed):
    """Forms of a checked set are not what was shown; `names` tells which. Nothing of the set was done."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(CHANGED_MEANWHILE.format(names="、".join(names)))
        self.names = names


# ── filling in ───────────────────────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def begin(person: Laborer, month: Month, by: User) -> CollectionForm:
    """The living form of the person and month, or a new draft pre-filled from the ledger."""
    _may(by, FILLS_IN, person.village, month)
    mine = CollectionForm.objects.living().filter(laborer=person, month=month)
    if found := mine.first():
        return found
    person = Laborer.objects.select_for_update(of=("self",)).select_related("village").get(pk=person.pk)
    if found := mine.first():
        return found
    texts = prefill(person, month)
    try:
        with transaction.atomic():
            return CollectionForm.objects.create(
                laborer=person, village=person.village, month=month, values=texts, base=texts,
                person_version=person.version, begun_by=by,
            )  # fmt: skip
    except IntegrityError:
        return mine.get()


@transaction.atomic
def begin_new(village: Unit, month: Month, by: User) -> CollectionForm:
    """An empty draft for a person the ledger does not have."""
    _may(by, FILLS_IN, village, month)
    form = CollectionForm.objects.create(village=village, month=month, begun_by=by)
    record("form.begin", by, form, village, month=str(month))
    return form


@transaction.atomic
def keep(form: CollectionForm, key: str, text: str, seen: str, by: User) -> CollectionForm:
    """Keep one answer, one version further. `seen` is the value the sender last knew of this field.

    The same text again changes nothing. Differs when somebody else answered otherwise meanwhile.
    """
    form = _locked(form, by, FILLS_IN)
    text, seen = text.strip(), seen.strip()
    one = fields(form.laborer_id is None).get(key)
    if one is None or one.fixed or (key == "id_no" and form.laborer_id is not None):
        raise NotAllowed("这一项不能在采集表里填写。")
    if len(text) > LONGEST:
        raise NotAllowed(f"{one.label}超过{LONGEST}个字，请精简。")
    _in(form, *CollectionForm.EDITABLE)
    text, stored = canonical(key, text), form.values.get(key, "")
    if stored == text:
        return form
    if stored != seen:
        last = form.typed.get(key, {})
        raise Differs(key, text, stored, _name(last.get("by")), last.get("at", ""))
    form.values[key] = text
    form.typed[key] = {"by": by.pk, "at": timezone.now().isoformat(timespec="seconds")}
    form.version += 1
    form.save(update_fields=["values", "typed", "version"])
    return form


@transaction.atomic
def catch_up(form: CollectionForm, by: User) -> CollectionForm:
    """Take note of what the ledger changed since: my answers stay, everything else follows the ledger."""
    form = _locked(form, by, FILLS_IN)
    _in(form, *CollectionForm.EDITABLE)
    if form.laborer is None:
        return form
    mine = {key: form.values[key] for key in changed_keys(form)}
    form.base = prefill(form.laborer, form.month)
    form.values = form.base | mine
    form.person_version = form.laborer.version
    form.save(update_fields=["base", "values", "person_version"])
    return form


@transaction.atomic
def sign(form: CollectionForm, kind: str, data: bytes, by: User) -> FormPaper:
    """Keep a photograph of the signed paper or a signature (PNG or JPEG), for the form as it reads now."""
    form = _locked(form, by, FILLS_IN)
    _in(form, *CollectionForm.EDITABLE)
    if kind not in FormPaper.Kind.values:
        raise NotAllowed("请选择签字纸照片、被采集人签名或采集人签名。")
    what = FormPaper.Kind(kind).label
    file = papers.store(
        by, f"采集表{form.pk}-{what}", data, what, unit=form.village, right=PAPER_RIGHT, kinds=papers.IMAGES
    )
    paper = FormPaper.objects.create(form=form, kind=kind, file=file, version=form.version, by=by)
    record("form.sign", by, form, form.village, month=str(form.month), kind=paper.get_kind_display())
    return paper


def is_signed(form: CollectionForm) -> bool:
    """YD-K01: the signed paper, or both signatures; what was signed before a later change does not count."""
    kinds = set(form.papers.filter(version=form.version).values_list("kind", flat=True))
    return FormPaper.Kind.PAPER in kinds or {FormPaper.Kind.PERSON, FormPaper.Kind.COLLECTOR} <= kinds


@transaction.atomic
def submit(form: CollectionForm, how: str, by: User) -> CollectionForm:
    """Hand the form to the township; `how` the person was asked. Sent again by the same person it changes nothing."""
    form = _locked(form, by, FILLS_IN)
    if form.state == State.SUBMITTED and form.filed_by_id == by.pk:
        return form
    _in(form, *CollectionForm.EDITABLE)
    if how not in HOW:
        raise NotAllowed("请选择核实方式：电话、微信或上门。")
    checked = check(form, by)
    if not checked.may_submit:
        raise Incomplete(checked)
    if settings.SIGNATURES and not is_signed(form):
        raise NotAllowed("还没有签字：请拍下双方签字的纸质表，或在屏幕上双方签名；签字后又改过的须重新签。")
    form.how, form.filed_by, form.filed_at, form.state = how, by, timezone.now(), State.SUBMITTED
    form.reviewed_by = form.reviewed_at = None
    form.doubts = [message for _, _, message in checked.doubts]
    form.save(update_fields=["how", "filed_by", "filed_at", "state", "reviewed_by", "reviewed_at", "doubts"])
    _record("form.submit", form, by, how=how, changes=checked.told())
    return form


@transaction.atomic
def withdraw(form: CollectionForm, by: User) -> CollectionForm:
    """Make one's own form void before it is reviewed."""
    form = _locked(form, by, FILLS_IN)
    _in(form, State.DRAFT, State.RETURNED, State.SUBMITTED)
    if by.pk not in {form.begun_by_id, form.filed_by_id}:
        raise NotAllowed("只能作废自己填写的采集表。")
    form.state = State.WITHDRAWN
    form.save(update_fields=["state"])
    _record("form.withdraw", form, by)
    return form


# ── three offices, three people ──────────────────────────────────────────────────────────────────────────────────


@transaction.atomic
def review(form: CollectionForm, by: User) -> CollectionForm:
    """The township passes the form on to the county."""
    form = _locked(form, by, "a")
    _in(form, State.SUBMITTED)
    _not_own(form, by)
    form.state, form.reviewed_by, form.reviewed_at = State.REVIEWED, by, timezone.now()
    form.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    _record("form.review", form, by)
    return form


@transaction.atomic
def send_back(form: CollectionForm, reason: str, by: User) -> CollectionForm:
    """Back to the village with a reason: by the township before its review, by the county before it confirms.

    From the last day of 填报 on the village gets the days it needs to correct it (entry.allow_correction).
    """
    form = _locked(form, by, "c" if form.state == State.REVIEWED else "ac")
    _in(form, State.SUBMITTED, State.REVIEWED)
    reason = because(reason, "退回原因")
    form.state, form.returned_by, form.returned_at, form.reason = (
        State.RETURNED, by, timezone.now(), reason,
    )  # fmt: skip
    form.reviewed_by = form.reviewed_at = None
    form.save(update_fields=["state", "returned_by", "returned_at", "reason", "reviewed_by", "reviewed_at"])
    _record("form.send_back", form, by, reason=form.reason)
    entry.allow_correction(form.village, form.month, by)
    return form


@transaction.atomic
def confirm(form: CollectionForm, by: User) -> CollectionForm:
    """Into the ledger, once: judged again as the ledger is now, written with its history, the month verified."""
    form = _locked(form, by, "c")
    if form.state == State.CONFIRMED and form.confirmed_by_id == by.pk:
        return form
    _in(form, State.REVIEWED)
    _not_own(form, by)
    if form.reviewed_by_id == by.pk:
        raise NotAllowed("这张表是您审核的，请由专班的另一个人确认。")
    if form.laborer_id:
        form.laborer = Laborer.objects.select_for_update(of=("self",)).select_related("village").get(
            pk=form.laborer_id
        )  # fmt: skip
    checked = check(form, by)
    if not checked.may_submit:
        raise Incomplete(checked)
    pk = form.laborer_id = _written(form, checked, by)
    MonthlyRecord.objects.filter(laborer=pk, month=form.month).update(
        verify_state=VERIFY_STATES[1],
        verified_how=form.how,
        verified_by=form.filed_by,
        verified_at=form.filed_at,
    )
    news.mark(form.month, [form.village_id])
    form.state, form.confirmed_by, form.confirmed_at = State.CONFIRMED, by, timezone.now()
    form.save(update_fields=["laborer", "state", "confirmed_by", "confirmed_at"])
    _record("form.confirm", form, by, changes=checked.told())
    return form


def _written(form: CollectionForm, checked: Checked, by: User) -> int:
    """Write the judged row with its history and compute the month again; the key of the person, who may be new."""
    staged, context = checked.staged, context_of(form, by)
    if staged.verdict == SAME:
        facts.refresh(form.month, [staged.pk])
        return staged.pk
    staged.new["verify_state"] = VERIFY_STATES[1]
    try:
        with transaction.atomic():
            Writer(context).write([staged])
    except Stale as moved:
        raise NotAllowed(str(moved)) from None
    except IntegrityError:  # the same new person on another form, confirmed at this moment
        raise NotAllowed("这个人刚刚由另一张表登记，请刷新后核对。") from None
    context.batch = f"采集表{form.pk}"
    history.remember([staged], context, [FIELDS[key].column for key in checked.changed], WORDS)
    return staged.pk


# ── a checked set ────────────────────────────────────────────────────────────────────────────────────────────────


def review_many(shown: Mapping[int, int], expected: int, by: User) -> list[CollectionForm]:
    """Review the set that was shown (key → version, and how many); all of it or nothing."""
    return _many(shown, expected, by, State.SUBMITTED, review)


def confirm_many(shown: Mapping[int, int], expected: int, by: User) -> list[CollectionForm]:
    """Confirm the set that was shown (key → version, and how many); all of it or nothing."""
    return _many(shown, expected, by, State.REVIEWED, confirm)


@transaction.atomic
def _many(
    shown: Mapping[int, int],
    expected: int,
    by: User,
    state: str,
    act: Callable[[CollectionForm, User], CollectionForm],
) -> list[CollectionForm]:
    if not shown or len(shown) != expected:
        raise NotAllowed(f"选中的是{len(shown)}张，显示的是{expected}张，请重新勾选。")
    rows = CollectionForm.objects.visible_to(by).filter(pk__in=shown).order_by("pk")
    forms = {form.pk: form for form in rows.select_for_update(of=("self",)).select_related("laborer")}
    moved = [
        label(forms[pk]) if pk in forms else f"采集表{pk}"
        for pk, version in sorted(shown.items())
        if pk not in forms or forms[pk].version != version or forms[pk].state != state
    ]
    if moved:
        raise ChangedSince(moved)
    people = Laborer.objects.filter(pk__in=[form.laborer_id for form in forms.values() if form.laborer_id])
    list(people.order_by("pk").select_for_update(of=("self",)).values_list("pk"))  # in the order of imports
    done = []
    for form in forms.values():
        try:
            done.append(act(form, by))
        except NotAllowed as refusal:
            raise NotAllowed(f"{label(form)}：{refusal}全部{len(forms)}张都没有办理。") from refusal
    return done


def label(form: CollectionForm) -> str:
    """What a form is called in a list: the person's name."""
    return form.values.get("name") or str(form)


# ── what every verb asks first ───────────────────────────────────────────────────────────────────────────────────


def _locked(form: CollectionForm, by: User, letters: str) -> CollectionForm:
    """The form as it is now, held until the transaction ends, for somebody who has one of these rights in its month."""
    rows = CollectionForm.objects.select_for_update(of=("self",))
    form = rows.select_related("village", "laborer__village").get(pk=form.pk)
    _may(by, letters, form.village, form.month)
    return form


def _may(by: User, letters: str, village: Unit, month: Month) -> None:
    """Who fills in keeps to the deadline; who reviews or confirms has until the month is closed."""
    if not any(by.can("form", letter, village) for letter in letters):
        raise NotAllowed("这张采集表不在您可以办理的范围内。")
    (ensure_entry if letters == FILLS_IN else ensure_open)(village, month)


def _in(form: CollectionForm, *states: str) -> None:
    if form.state not in states:
        raise NotAllowed(f"这张采集表现在是“{form.get_state_display()}”，不能这样办理；请刷新页面。")


def _not_own(form: CollectionForm, by: User) -> None:
    """Neither who filed the form nor who answered one of its fields passes it on."""
    if by.pk in {form.filed_by_id, form.begun_by_id} | {one["by"] for one in form.typed.values()}:
        raise NotAllowed("这张表是您填写的，请由另一个人审核。")


def _name(pk: int | None) -> str:
    return "" if pk is None else User.objects.filter(pk=pk).values_list("name", flat=True).first() or ""


def _record(action: str, form: CollectionForm, by: User, **detail: Any) -> None:
    record(action, by, form, form.village, month=str(form.month), person=form.laborer_id, **detail)
