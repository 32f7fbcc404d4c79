"""采集表: one page to fill it in field by field, to sign and submit it; the same page read-only for everybody else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import OfficeRequest, needs, wants_json
from accounts.audit import AuditEntry
from accounts.audit_words import word
from accounts.authority import NotAllowed
from accounts.models import Unit
from accounts.views.reveal import revealed
from jobs import papers
from jobs.views.stored import answer as stored_answer
from ledgers.collection import actions, answers
from ledgers.collection.fields import FIELDS
from ledgers.collection.filling import check
from ledgers.models import CollectionForm, FormPaper, Laborer, MonthlyRecord, WorkSpell
from ledgers.models.collection import HOW
from ledgers.once import new_token
from ledgers.periods import entry_state
from ledgers.views.saving import saved, sent
from lib.month import Month

SUGGESTED = 30  # employers offered while typing
State = CollectionForm.State
TONES = {
    State.DRAFT: "info", State.SUBMITTED: "warn", State.REVIEWED: "warn", State.CONFIRMED: "good",
    State.RETURNED: "bad", State.WITHDRAWN: "",
}  # fmt: skip


class NewForm(forms.Form):
    """In which village somebody new is registered."""

    unit = forms.ChoiceField(label="行政村")
    form_token = forms.CharField(widget=forms.HiddenInput, max_length=36)


# ── beginning ────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("form.p")
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: OfficeRequest, pk: int, month: Month) -> HttpResponse:
    """The form of a person and month: the one on its way, or a new one after a click."""
    person = get_object_or_404(Laborer.objects.visible_to(request.user, "w").select_related("village"), pk=pk)
    if request.method == "POST":
        try:
            return redirect("ledgers:form_page", actions.begin(person, month, request.user).pk)
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
            return redirect(f"{reverse('ledgers:laborer', args=[pk])}?month={month}")
    living = CollectionForm.objects.visible_to(request.user, "p").living()
    if found := living.filter(laborer=person, month=month).first():
        return redirect("ledgers:form_page", found.pk)
    state = entry_state(person.village, month)
    context = {"person": person, "month": month, "state": state, "breadcrumbs": _crumbs(person, month)}
    return render(request, "ledgers/form_begin.html", context)


@needs("form.p")
@require_http_methods(["GET", "HEAD", "POST"])
def form_new(request: OfficeRequest) -> HttpResponse:
    """Somebody whom the ledger does not have: the village first, then an empty form."""
    villages = Unit.objects.visible_to(request.user, "form", "p").villages().filter(closed_on=None)
    choices = [(unit.code, unit.full_name) for unit in villages.in_order().select_related("parent__parent")]
    if not choices:
        raise Http404
    asked = request.POST.get("unit") or request.GET.get("unit") or choices[0][0]
    if asked not in dict(choices):
        raise Http404
    page = NewForm(sent(request), initial={"unit": asked, "form_token": new_token()})
    page.fields["unit"] = forms.ChoiceField(label="行政村", choices=choices)
    if done := saved(request, page, lambda: _begun(villages.get(code=page.cleaned_data["unit"]), request)):
        return done
    crumbs = [{"label": "本月", "url": reverse("ledgers:mine")}, {"label": "新增人员"}]
    context = {"page_title": "新增人员", "form": page, "breadcrumbs": crumbs}
    return render(request, "ledgers/form_new.html", context, status=422 if page.errors else 200)


def _begun(village: Unit, request: OfficeRequest) -> str:
    newest = MonthlyRecord.objects.filter(village=village).order_by("-month").values_list("month", flat=True)
    begun = actions.begin_new(village, newest.first() or Month.current(), request.user)
    return reverse("ledgers:form_page", args=[begun.pk])


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────


@needs("form.r")
@require_GET
def form_page(request: OfficeRequest, pk: int) -> HttpResponse:
    """Fill the form in, or read it and decide."""
    found = _form(request, pk)
    if found.is_editable and request.user.can("form", "p", found.village):
        state = entry_state(found.village, found.month)
        if state.is_open:
            return render(request, "ledgers/form.html", _filling(request, found))
        messages.warning(request, state.told)
    return render(request, "ledgers/form_read.html", reading(request, found))


def _form(request: OfficeRequest, pk: int, letter: str = "r") -> CollectionForm:
    rows = CollectionForm.objects.visible_to(request.user, letter)
    people = ("village__parent__parent", "laborer__village", "begun_by", "filed_by", "reviewed_by")
    return get_object_or_404(rows.select_related(*people, "confirmed_by", "returned_by"), pk=pk)


def _frame(found: CollectionForm) -> dict[str, Any]:
    """What every page of a form shows of it."""
    return {
        "form": found,
        "name": found.name or "新增人员",
        "tone": TONES[State(found.state)],
        "breadcrumbs": _crumbs(found.laborer, found.month, found.village),
    }


def _crumbs(person: Laborer | None, month: Month, village: Unit | None = None) -> list[dict[str, str]]:
    records = reverse("ledgers:list")
    unit = person.village if person else village
    way = [{"label": "台账", "url": records}]
    if unit:
        way.append({"label": unit.full_name, "url": f"{records}?unit={unit.code}&month={month}"})
    if person:
        way.append(
            {"label": person.name, "url": f"{reverse('ledgers:laborer', args=[person.pk])}?month={month}"}
        )
    return [*way, {"label": "采集表"}]


def _filling(request: OfficeRequest, found: CollectionForm) -> dict[str, Any]:
    checked = check(found, request.user)
    sections = answers.sections(found, checked)
    ticked = next(item for section in sections for item in section.items if item.field.key == "ticked_months")
    spells = WorkSpell.objects.filter(laborer__village=found.village, ended=None).exclude(employer="")
    common = spells.values("employer").annotate(people=Count("pk")).order_by("-people", "employer")
    return _frame(found) | {
        "sections": sections,
        "boxes": answers.boxes(found.month, ticked),
        "employers": [row["employer"] for row in common[:SUGGESTED]],
    } | _checked(found, checked) | _ending(request, found)  # fmt: skip


def _checked(found: CollectionForm, checked: Any) -> dict[str, Any]:
    """What stands above the button: what is missing, wrong or asked about, and whether the person counts."""

    def places(told: list) -> list[dict[str, str]]:
        return [{"anchor": f"f-{key}" if key in FIELDS else "", "text": text} for key, _, text in told]

    return {
        "checked": checked,
        "lists": [
            {"title": "要改正", "tone": "bad", "items": places(checked.refused)},
            {"title": "还没有填", "tone": "warn", "items": places(checked.missing)},
            {"title": "请核对（可以提交，会提示审核人）", "tone": "warn", "items": places(checked.doubts)},
        ],
        "moved_on": bool(found.laborer and found.person_version != found.laborer.version),
        "changes": answers.differences(found, checked),
    }


def _ending(request: OfficeRequest, found: CollectionForm) -> dict[str, Any]:
    papers = list(found.papers.select_related("by", "file").order_by("at", "pk"))
    mine = {found.begun_by_id, found.filed_by_id}
    return {
        "papers": papers,
        "signed": actions.is_signed(found),
        "kinds": FormPaper.Kind.choices,
        "ways": HOW,
        "may_withdraw": request.user.pk in mine,
    }


def reading(request: OfficeRequest, found: CollectionForm) -> dict[str, Any]:
    """The form for those who decide: what differs from the ledger, what the rules say, the whole of it, its history."""
    user, living = request.user, found.state in CollectionForm.LIVING
    checked = check(found, user) if living else None
    waits = found.state in (State.SUBMITTED, State.REVIEWED)
    entries = AuditEntry.objects.filter(about=f"{found._meta.label_lower}:{found.pk}").select_related("actor")
    return _frame(found) | _ending(request, found) | {
        "checked": checked,
        "refusal": "",
        "reason": "",
        "changes": answers.differences(found, checked),
        "printed": answers.printed(found),
        "may_pass": found.state == State.SUBMITTED and user.can("form", "a", found.village),
        "may_confirm": found.state == State.REVIEWED and user.can("form", "c", found.village),
        "may_return": waits and any(user.can("form", one, found.village) for one in _RETURNERS[State(found.state)]),
        "may_reveal": user.can("form", "a", found.village) or user.can("form", "c", found.village),
        "secrets": [(key, FIELDS[key].label, f"{key}-{found.pk}", answers.masked(found, key)) for key in SECRETS],
        "history": [
            {"what": word(one.action), "at": one.at, "who": one.actor.name if one.actor else "系统",
             "note": one.detail.get("reason", "") or one.detail.get("how", "")}
            for one in entries.order_by("sequence")
        ],
    }  # fmt: skip


_RETURNERS = {State.SUBMITTED: "ac", State.REVIEWED: "c"}
SECRETS = ("id_no", "phone")


# ── what is sent ─────────────────────────────────────────────────────────────────────────────────────────────────


@needs("form.p")
@require_POST
def form_fields(request: OfficeRequest, pk: int) -> HttpResponse:
    """Keep what was typed; a receipt for scripts that ask for JSON, the page again for everybody else."""
    found = _form(request, pk, "p")
    try:
        found, differs = answers.save(found, request.POST, request.user)
    except NotAllowed as refusal:
        return _refused(request, found, refusal)
    if not wants_json(request):
        if differs:
            return _both_values(request, found, differs)
        messages.success(request, "已保存。")
        return redirect("ledgers:form_page", found.pk)
    checked = check(found, request.user)
    told: dict[str, list[tuple[str, str]]] = {}
    for key, level, message in [*checked.refused, *checked.doubts]:
        told.setdefault(key, []).append((level, message))
    sections = answers.sections(found, checked)
    shown = {item.field.key: item for section in sections for item in section.items}
    keys = [key for key in shown if answers.WAS + key in request.POST]
    answer = {
        "receipt": {"form": found.pk, "version": found.version, "keys": keys},
        "marks": {key: shown[key].mark for key in keys},
        "values": {key: shown[key].value for key in keys if not FIELDS[key].secret},
        "told": told,
        "check": render_to_string("ledgers/form_check.html", _frame(found) | _checked(found, checked)),
        "signed": actions.is_signed(found),
        "differs": [_differing(found, one) for one in differs],
    }
    return JsonResponse(answer, status=409 if differs else 200)


def _differing(found: CollectionForm, one: actions.Differs) -> dict[str, str]:
    hidden = FIELDS[one.key].secret
    return {
        "key": one.key,
        "mine": "您填的号码" if hidden else one.mine,
        "theirs": "另一个号码" if hidden else one.theirs,
        "who": one.who or "他人",
        "mark": answers.mark(found, one.key),
    }


def _both_values(request: OfficeRequest, found: CollectionForm, differs: list) -> HttpResponse:
    told = [_differing(found, one) | {"label": FIELDS[one.key].label} for one in differs]
    context = {
        "saved_by": told[0]["who"],
        "conflicts": told,
        "back_url": reverse("ledgers:form_page", args=[found.pk]),
    }
    return render(request, "409.html", context, status=409)


def _refused(request: OfficeRequest, found: CollectionForm, refusal: Exception) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"error": str(refusal)}, status=422)
    messages.error(request, str(refusal))
    return redirect("ledgers:form_page", found.pk)


@needs("form.p")
@require_POST
def form_catch_up(request: OfficeRequest, pk: int) -> HttpResponse:
    """Take over what the ledger changed since the form began."""
    found = _form(request, pk, "p")
    try:
        actions.catch_up(found, request.user)
    except NotAllowed as refusal:
        return _refused(request, found, refusal)
    messages.success(request, "已按台账现在的内容更新，您填写的改动还在。")
    return redirect("ledgers:form_page", pk)


@needs("form.p")
@require_POST
def form_sign(request: OfficeRequest, pk: int) -> HttpResponse:
    """A photograph of the signed paper, or a signature drawn on the screen."""
    found = _form(request, pk, "p")
    file = request.FILES.get("file")
    try:
        paper = actions.sign(found, request.POST.get("kind", ""), papers.read(file, "签字纸"), request.user)
    except NotAllowed as refusal:
        return _refused(request, found, refusal)
    if wants_json(request):
        context = {"form": found, "papers": found.papers.select_related("by", "file").order_by("at", "pk")}
        text = f"{paper.get_kind_display()}已保存。"
        answer = {"text": text, "papers": render_to_string("ledgers/form_papers.html", context)}
        return JsonResponse(answer | {"signed": actions.is_signed(found)})
    messages.success(request, f"{paper.get_kind_display()}已保存。")
    return redirect("ledgers:form_page", pk)


@needs("form.r")
@require_GET
def form_paper(request: OfficeRequest, pk: int, paper: int) -> StreamingHttpResponse:
    """What was signed, for everybody who may read the form."""
    papers = FormPaper.objects.visible_to(request.user).filter(form=pk).select_related("file")
    return stored_answer(get_object_or_404(papers, pk=paper).file, attached=False)


@needs("form.p")
@require_POST
def form_submit(request: OfficeRequest, pk: int) -> HttpResponse:
    """Hand the form to the township."""
    found = _form(request, pk, "p")
    try:
        found = actions.submit(found, request.POST.get("how", ""), request.user)
    except NotAllowed as refusal:
        return _refused(request, found, refusal)
    messages.success(request, f"{found.name}的采集表已提交，等待乡镇审核。")
    return redirect(f"{reverse('ledgers:mine')}?unit={found.village.code}&month={found.month}")


@needs("form.p")
@require_POST
def form_withdraw(request: OfficeRequest, pk: int) -> HttpResponse:
    """Make one's own form void."""
    found = _form(request, pk, "p")
    try:
        actions.withdraw(found, request.user)
    except NotAllowed as refusal:
        return _refused(request, found, refusal)
    messages.success(request, "采集表已作废，台账没有变化。")
    return redirect(f"{reverse('ledgers:mine')}?unit={found.village.code}&month={found.month}")


@needs("form.a", "form.c")
@require_POST
def form_reveal(request: OfficeRequest, pk: int, field: str) -> HttpResponse:
    """Show one whole number of a form to who decides on it, for a reason that is noted."""
    if field not in SECRETS:
        raise Http404
    found = _form(request, pk)
    if not any(request.user.can("form", letter, found.village) for letter in "ac"):
        raise Http404
    return revealed(
        request,
        element=f"{field}-{found.pk}",
        label=FIELDS[field].label,
        value=lambda: found.values.get(field, ""),
        subject_type="collectionform",
        subject_id=found.pk,
        field=field,
        unit=found.village,
    )
