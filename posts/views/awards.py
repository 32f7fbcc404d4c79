"""车间奖补: what comes out before it is proposed, one award with its names, and the standard of a county."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.models import Unit
from ledgers.fields import YuanField, words_field
from ledgers.models import Laborer
from ledgers.views.saving import form_page, sent
from lib.money import yuan
from posts import awarding, standards
from posts.models import AWARD_KINDS, TIERED, Workshop, WorkshopAward, WorkshopStandard
from posts.views.workshops import HOME, crumbs, page_of, shop_of
from posts.workshop_rules import Standard

STEPS = (1, 2, 3, 4)
TONES = {"proposed": "warn", "approved": "good", "refused": "bad"}


@needs("post.w", "post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def award_new(request: OfficeRequest, pk: int) -> HttpResponse:
    """测算: who counts, who does not and why, and the amount; sending the form proposes it."""
    shop = shop_of(request, pk, "wa")
    year, kind = _year(request.GET.get("year", "")), request.GET.get("kind", TIERED)
    if kind not in AWARD_KINDS:
        raise Http404
    form = forms.Form(sent(request))

    def save(said: dict[str, Any]) -> str:
        made = awarding.make_award(shop, kind, year, request.user)
        messages.success(
            request, f"已申报{made.year}年{made.kind}{made.amount_text}元，等待县里另一名经办人员审批。"
        )
        return reverse("posts:award", args=[made.pk])

    context = {
        "title": "申报奖补", "subtitle": shop.name, "shop": shop, "year": year, "kind": kind, "back": page_of(shop),
        "breadcrumbs": crumbs(shop, "申报奖补"), "button": "按测算结果申报", **_reckoning(shop, kind, year),
        "kinds": [{"label": one, "url": f"?year={year}&kind={one}", "active": one == kind} for one in AWARD_KINDS],
        "years": [{"label": f"{one}年", "url": f"?year={one}&kind={kind}", "active": one == year}
                  for one in _years(shop)],
    }  # fmt: skip
    return form_page(request, form, save, context, "posts/award_new.html")


def _year(text: str) -> int:
    this = timezone.localdate().year
    return int(text) if text.isascii() and text.isdecimal() and 2000 <= int(text) <= this else this


def _years(shop: Workshop) -> range:
    this = timezone.localdate().year
    since = shop.recognised_on.year if shop.recognised_on else this
    return range(max(since, this - 2), this + 1)


def _reckoning(shop: Workshop, kind: str, year: int) -> dict[str, Any]:
    until = awarding.last_day_of(year)
    result = awarding.reckoned(shop, kind, year, until)
    names = dict(Laborer.objects.filter(placements__workshop=shop).values_list("pk", "name"))
    told = lambda rows: [{"name": names.get(pk, "—"), "told": words} for pk, words in rows.items()]  # noqa: E731
    return {
        "until": until,
        "why_not": awarding.unready(shop, year),
        "amount": yuan(result.amount),
        "is_some": result.amount > 0,
        "counted": told({pk: f"连续工作{months}个月" for pk, months in result.counted.items()}),
        "left_out": told(result.left_out),
        "standard": standard_told(standards.standard_of(shop.unit, year), kind),
    }


def standard_told(standard: Standard, kind: str) -> str:
    """The standard in one sentence, as the page of an award prints it."""
    whom = f"连续工作满{standard.months}个月的脱贫人口和监测对象计入"
    if kind == TIERED:
        steps = "，".join(f"满{people}人{yuan(fen)}元" for people, fen in standard.steps)
        return f"{whom}；{steps}。"
    return f"{whom}，每人{yuan(standard.per_head)}元，一人一次。"


class AwardForm(forms.Form):
    answer = forms.ChoiceField(
        label="审批意见", choices=[("yes", "批准"), ("no", "不予批准")], widget=forms.RadioSelect
    )
    reason = words_field("不予批准的原因", required=False)


@needs("post.r")
@require_http_methods(["GET", "HEAD", "POST"])
def award(request: OfficeRequest, pk: int) -> HttpResponse:
    """One award with the names it counts; another officer of the county decides on it here."""
    rows = WorkshopAward.objects.visible_to(request.user).select_related(
        "workshop__unit__parent__parent", "made_by", "decided_by"
    )
    one = get_object_or_404(rows, pk=pk)
    shop = one.workshop
    may = (
        request.user.can("post", "a", shop.unit)
        and one.state == "proposed"
        and one.made_by_id != request.user.pk
    )
    if request.method == "POST" and not request.user.can("post", "a", shop.unit):
        raise Http404
    form = AwardForm(sent(request))

    def save(said: dict[str, Any]) -> str:
        if said["answer"] == "yes":
            awarding.approve_award(one, request.user)
            messages.success(request, f"已批准{one.amount_text}元。")
        else:
            awarding.refuse_award(one, said["reason"], request.user)
            messages.success(request, "已决定不予批准，计入的人员可以重新测算。")
        return reverse("posts:award", args=[one.pk])

    held = {key: value for key, value in one.basis.items() if key != "steps"}
    standard = Standard(**held, steps=tuple((a, b) for a, b in one.basis.get("steps", ())))
    context = {
        "title": f"{one.year}年{one.kind}", "subtitle": shop.name, "award": one, "tone": TONES[one.state], "may": may,
        "lines": one.lines.select_related("laborer__village").order_by("pk"),
        "standard": standard_told(standard, one.kind), "back": page_of(shop), "button": "提交",
        "breadcrumbs": crumbs(shop, f"{one.year}年{one.kind}"),
    }  # fmt: skip
    return form_page(request, form, save, context, "posts/award.html")


# ── the standard of a county ─────────────────────────────────────────────────────────────────────────────────────


class StandardForm(forms.Form):
    """Up to four steps; empty ones are left out."""

    from_year = forms.IntegerField(label="从哪一年起", min_value=2000, max_value=2099)
    workers = forms.IntegerField(
        label="认定人数（人）", min_value=1, max_value=1000, help_text="在岗脱贫人口和监测对象。"
    )
    term = forms.IntegerField(label="认定有效期（年）", min_value=1, max_value=10)
    months = forms.IntegerField(label="连续工作满几个月计入（月）", min_value=1, max_value=12)
    per_head = YuanField(label="吸纳就业补贴每人（元）", max_length=20)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for n in STEPS:
            must = n == STEPS[0]
            self.fields[f"people{n}"] = forms.IntegerField(
                label=f"第{n}档：满几人", min_value=1, max_value=99_999, required=must
            )
            self.fields[f"fen{n}"] = YuanField(label=f"第{n}档：奖补（元）", max_length=20, required=must)

    def standard(self) -> Standard:
        said = self.cleaned_data
        pairs = [(said.get(f"people{n}"), said.get(f"fen{n}")) for n in STEPS]
        steps = tuple((people, fen) for people, fen in pairs if people and fen)
        return Standard(said["workers"], said["term"], said["months"], steps, said["per_head"])


def _first(standard: Standard, year: int) -> dict[str, Any]:
    first: dict[str, Any] = {
        "from_year": year, "workers": standard.workers, "term": standard.term, "months": standard.months,
        "per_head": yuan(standard.per_head, plain=True),
    }  # fmt: skip
    for n, (people, fen) in enumerate(standard.steps[: len(STEPS)], 1):
        first |= {f"people{n}": people, f"fen{n}": yuan(fen, plain=True)}
    return first


@needs("post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def workshop_standard(request: OfficeRequest) -> HttpResponse:
    """What the county asks and pays, from a year on; earlier versions stay below."""
    unit, year = request.user.own_unit, timezone.localdate().year
    if not request.user.can("post", "a", unit):
        unit = get_object_or_404(Unit.objects.visible_to(request.user, "post", "a").order_by("path")[:1])
    form = StandardForm(sent(request), initial=_first(standards.standard_of(unit, year), year))

    def save(said: dict[str, Any]) -> str:
        standards.set_standard(unit, said["from_year"], form.standard(), request.user)
        messages.success(request, f"已设定{said['from_year']}年起的车间标准，已经批准的奖补不变。")
        return reverse("posts:workshop_standard")

    context = {
        "title": "车间标准", "subtitle": unit.name, "back": reverse("posts:workshops"),
        "breadcrumbs": [HOME, {"label": "车间标准"}], "rows": _versions(unit),
        "note": "认定条件和奖补标准由县里按当年文件设定，从所填年度起用；没有设定的，按下面的示例标准。",
    }  # fmt: skip
    return form_page(request, form, save, context, "posts/workshop_standard.html")


def _versions(unit: Unit) -> list[dict[str, Any]]:
    rows = WorkshopStandard.objects.filter(unit=unit).select_related("set_by").order_by("-pk")[:20]
    return [
        {"row": one, "told": [standard_told(standards.as_set(one), kind) for kind in AWARD_KINDS]}
        for one in rows
    ]
