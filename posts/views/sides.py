"""三方比对, 考核 and 欠发: lists over the holders of a unit."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.models import Unit
from ledgers.codes import choices
from ledgers.fields import day_field
from ledgers.views.saving import form_page, sent
from lib.money import yuan
from lib.month import Month
from lib.rates import thousands
from posts import assessing
from posts.arrears import Reckoning, reckoned_to
from posts.attending import in_month
from posts.models import GRADES, Appointment, Assessment
from posts.sides import RULES
from posts.sides import sides as compared
from posts.views.month import DifferenceFilter, UnitFilter, asked_unit, frame, pages

GRADE_TONES = {"优秀": "good", "合格": "info", "不合格": "bad"}


@needs("post.r")
@require_GET
def sides(request: OfficeRequest, month: Month) -> HttpResponse:
    """Ledger, sign-in sheet and payroll of each holder beside one another, and what differs."""
    unit = asked_unit(request)
    found = compared(request.user, unit, month, timezone.localdate())
    differing = [one for one in found if one.found]
    only = request.GET.get("only") == "1"
    page, pager = pages(request, differing if only else found)
    units = Unit.objects.select_related("parent").in_bulk({one.unit for one in page})
    kinds: dict[str, int] = {}
    for one in differing:
        for what in {difference.rule for difference in one.found}:
            kinds[what] = kinds.get(what, 0) + 1
    context = {
        **frame(request, month, unit, "posts:sides"),
        **pager,
        "form": DifferenceFilter(request, unit),
        "rows": [{"one": one, "unit": units[one.unit]} for one in page],
        "only": only,
        "people": thousands(len(found)) if found else "",
        "differing": thousands(len(differing)) if differing else "",
        "kinds": [(RULES[rule], thousands(count)) for rule, count in sorted(kinds.items())],
    }
    return render(request, "posts/sides.html", context)


SILENT = "另有{}人的单位还没有登记过考勤和工资，发没发过看不出来，没有算在欠发里。"


@needs("post.r")
@require_GET
def arrears(request: OfficeRequest, month: Month) -> HttpResponse:
    """Who is owed, how many months, how much, today (YD-F08, I27)."""
    unit, today = asked_unit(request), timezone.localdate()
    held_here, due = Appointment.objects.visible_to(request.user).under(unit), reckoned_to(today)
    reckoning = Reckoning(held_here)
    found, silent = reckoning.arrears(due), reckoning.unknown(due)
    page, pager = pages(request, found)
    held = Appointment.objects.select_related("post__unit__parent", "laborer").in_bulk(
        [one.key for one in page]
    )
    rows = [
        {"row": one, "held": held[one.key], "amount": yuan(one.amount), "months": _stretches(one.months)}
        for one in page
    ]
    context = {
        **frame(request, month, unit, "posts:arrears"),
        **pager,
        "form": UnitFilter(request, unit),
        "rows": rows,
        "due": due,
        "told": f"算到今天、台账已经开始的最后一个应发月份（{due.label}）为止，不随上面的月份变化。",
        "silent": silent and SILENT.format(thousands(silent)),
        "sheets": f"{reverse('posts:attendance', args=[due])}?unit={unit.code}",
        "counts": [
            {"label": "欠发人数", "value": thousands(len(found)), "unit": "人"},
            {
                "label": "欠发月数合计",
                "value": thousands(sum(len(one.months) for one in found)),
                "unit": "人月",
            },
            {"label": "欠发金额", "value": yuan(sum(one.amount for one in found)), "unit": "元"},
        ],
    }
    return render(request, "posts/arrears.html", context)


def _stretches(months: list[Month]) -> str:
    """2023年1月、2023年3月至5月: months one after the other are one stretch."""
    found: list[list[Month]] = []
    for month in months:
        if found and found[-1][-1] + 1 == month:
            found[-1].append(month)
        else:
            found.append([month])
    return "、".join(one[0].label if len(one) == 1 else f"{one[0].label}至{one[-1].label}" for one in found)


@needs("post.r")
@require_GET
def assessments(request: OfficeRequest, month: Month) -> HttpResponse:
    """Who holds a post in the month, the last results, and whose assessment is overdue (YD-F11)."""
    unit, today = asked_unit(request), timezone.localdate()
    held = Appointment.objects.visible_to(request.user).under(unit).filter(in_month(month))
    late = assessing.overdue(Appointment.objects.visible_to(request.user).under(unit), today)
    page, pager = pages(
        request,
        held.select_related("post__unit", "laborer")
        .prefetch_related(Prefetch("assessments", Assessment.objects.order_by("-on", "-pk")))
        .order_by("post__unit__sort_path", "post__number", "started_on"),
    )
    overdue = set(late.values_list("pk", flat=True))
    may = [
        one.pk for one in page
        if request.user.can("post", "w", one.post.unit) or request.user.can("post", "p", one.post.unit)
    ]  # fmt: skip
    rows = []
    for one in page:
        results = list(one.assessments.all())[:3]
        rows.append({
            "one": one, "late": one.pk in overdue, "may": one.pk in may,
            "results": [{"one": result, "tone": GRADE_TONES[result.grade]} for result in results],
        })  # fmt: skip
    context = {
        **frame(request, month, unit, "posts:assessments"),
        **pager,
        "form": UnitFilter(request, unit),
        "rows": rows,
        "late": len(overdue),
    }
    return render(request, "posts/assessments.html", context)


class AssessForm(forms.Form):
    """Period, grade, day; a reason for who did not pass."""

    grade = forms.ChoiceField(label="考核结果", choices=choices(GRADES), widget=forms.RadioSelect)
    on = day_field("考核日期")
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="不合格的必填。")

    def __init__(self, *args: Any, periods: list[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["period"] = forms.ChoiceField(label="考核周期", choices=choices(periods))
        self.order_fields(["period", "grade", "on", "note"])


@needs("post.p", "post.w")
@require_http_methods(["GET", "HEAD", "POST"])
def assess(request: OfficeRequest, month: Month, pk: int) -> HttpResponse:
    rows = Appointment.objects.visible_to(request.user).select_related("post__unit", "laborer")
    one = get_object_or_404(rows, pk=pk)
    if not any(request.user.can("post", letter, one.post.unit) for letter in "pw"):
        raise Http404
    back = f"{reverse('posts:assessments', args=[month])}?unit={request.user.own_unit.code}"
    form = AssessForm(
        sent(request),
        periods=assessing.periods(month),
        initial={"on": min(timezone.localdate(), month.last_day)},
    )

    def save(said: dict[str, Any]) -> str:
        assessing.assess(one, said["period"], said["grade"], said["on"], request.user, note=said["note"])
        messages.success(request, f"已登记{one.laborer.name}{said['period']}考核：{said['grade']}。")
        return back

    context = {"title": "登记考核", "subtitle": f"{one.laborer.name} · {one.post.title}", "back": back}
    return form_page(request, form, save, context)
