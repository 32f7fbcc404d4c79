"""公益性岗位: the list, a post with its whole life, proposing one, and what a county sets."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import OfficeRequest, needs
from accounts.models import Level, Unit, User
from ledgers.models import Laborer
from ledgers.views.saving import form_page, saved, sent
from lib.money import yuan
from lib.rates import thousands
from posts import opening
from posts.doubts import doubtful
from posts.facts import clauses_of_holders, limits_of
from posts.models import Appointment, Candidate, Post, PostCeiling
from posts.rules import BLUE, MET, NOT_MET, Clause, paid_enough
from posts.todos import waiting
from posts.views.post_forms import CeilingForm, PolicyForm, PostFilter, ProposalForm
from posts.views.steps import OF_POST, next_steps
from posts.views.timeline import life_of

PAGE = 25
TONES = {"open": "good", "proposed": "warn", "checked": "warn", "refused": "bad", "closed": ""}
KEYS = ("q", "unit", "category", "state")


def unit_of(user: User, code: str) -> Unit:
    """The unit asked for, or the one the user serves; out of reach is as missing as not there."""
    if not code and user.can("post", "r", user.own_unit):
        return user.own_unit
    units = Unit.objects.visible_to(user, "post").in_order()
    found = units.filter(code=code).first() if code else units.first()
    if found is None:
        raise Http404
    return found


def unit_choices(user: User, unit: Unit) -> list[tuple[str, str]]:
    """The unit, those above it within reach, and those directly below."""
    near = Unit.objects.visible_to(user, "post").filter(Q(code__in=unit.ancestor_codes) | Q(parent=unit))
    return [(one.code, one.name) for one in near.in_order()]


def held_now() -> QuerySet[Appointment]:
    """Appointments that have not ended before today."""
    return Appointment.objects.exclude(ended_on__lt=timezone.localdate())


def vacant(posts: QuerySet[Post]) -> QuerySet[Post]:
    return posts.filter(~Exists(held_now().filter(post=OuterRef("pk"))), state=Post.State.OPEN)


@needs("post.r")
@require_GET
def post_list(request: OfficeRequest) -> HttpResponse:
    """Posts below a unit with their holders and what stands against each."""
    unit = unit_of(request.user, request.GET.get("unit", ""))
    form = PostFilter(request.GET.dict() | {"unit": unit.code}, units=unit_choices(request.user, unit))
    rows = _filtered(Post.objects.visible_to(request.user).under(unit), form, request.user)
    rows = rows.select_related("unit__parent").order_by("unit__sort_path", "number")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    holders = held_now().filter(post__in=[post.pk for post in page]).order_by("-started_on")
    held = {
        one.post_id: one for one in holders.select_related("laborer__household", "candidate", "post__unit")
    }
    doubts = doubts_of(list(held.values()))
    applied = _applying([post.pk for post in page])
    posts = [
        {"post": post, "held": held.get(post.pk), "applied": applied.get(post.pk), "tone": TONES[post.state],
         "pay": yuan(post.monthly_fen), "doubts": doubts.get(held[post.pk].pk) if post.pk in held else None}
        for post in page
    ]  # fmt: skip
    query = {key: request.GET[key] for key in KEYS if request.GET.get(key)}
    context = {
        "form": form, "unit": unit, "rows": posts, "chosen": _chips(form, query), "counts": _counts(request.user, unit),
        "shown": f"共 {page.paginator.count:,} 个岗位",
        "prev_url": _page_url(query, page.number - 1) if page.has_previous() else "",
        "next_url": _page_url(query, page.number + 1) if page.has_next() else "",
        "may_propose": any(request.user.can("post", letter) for letter in opening.PROPOSES),
        "may_set": request.user.can("post", "a"), "may_print": request.user.can("person", "r", unit),
    }  # fmt: skip
    return render(request, "posts/list.html", context)


def _applying(posts: list[int]) -> dict[int, list[Candidate]]:
    """By the key of the post: who applies and is neither appointed nor withdrawn."""
    found = defaultdict(list)
    rows = Candidate.objects.standing().filter(recruitment__post__in=posts).order_by("pk")
    for one in rows.select_related("laborer", "recruitment"):
        found[one.recruitment.post_id].append(one)
    return found


def _filtered(rows: QuerySet[Post], form: PostFilter, user: User) -> QuerySet[Post]:
    if not form.is_valid():
        return rows.none()
    said = form.cleaned_data
    if said["q"]:
        rows = rows.filter(Q(title__contains=said["q"]) | Q(number__contains=said["q"].upper()))
    if said["category"]:
        rows = rows.filter(category=said["category"])
    if said["state"] == "vacant":
        return vacant(rows)
    if said["state"] == "doubtful":
        return rows.filter(pk__in=doubtful(rows))
    if said["state"] == "mine":
        return rows.filter(pk__in=waiting(user).values("pk"))
    return rows.filter(state=said["state"]) if said["state"] else rows


def _chips(form: PostFilter, query: dict[str, str]) -> list[dict[str, str]]:
    chips = []
    for key in ("q", "category", "state"):
        if value := query.get(key):
            rest = {name: text for name, text in query.items() if name != key}
            label = value if key == "q" else dict(form.fields[key].choices).get(value, value)  # type: ignore[attr-defined]
            chips.append({"label": label, "url": f"?{urlencode(rest)}"})
    return chips


def _page_url(query: dict[str, str], number: int) -> str:
    return f"?{urlencode(query | {'page': str(number)})}"


def _counts(user: User, unit: Unit) -> list[dict[str, Any]]:
    """The unit's posts in a line of numbers, each with its list."""
    rows = Post.objects.visible_to(user).under(unit)
    to = urlencode({"unit": unit.code})
    return [
        {"label": label, "value": thousands(found.count()), "unit": "个", "url": f"?{to}&state={key}"}
        for label, key, found in (
            ("已开发", "open", rows.filter(state="open")),
            ("空岗", "vacant", vacant(rows)),
            ("待乡镇核查", "proposed", rows.filter(state="proposed")),
            ("待县核定", "checked", rows.filter(state="checked")),
        )
    ]  # fmt: skip


def doubts_of(held: list[Appointment]) -> dict[int, dict[str, list[Clause]]]:
    """By appointment: red clauses that are not met, and what else is open (blue ones aside)."""
    return {
        pk: {
            "against": [one for one in clauses if one.refuses],
            "open": [one for one in clauses if one.state != MET and not one.refuses and one.level != BLUE],
        }
        for pk, clauses in clauses_of_holders(held).items()
    }


@needs("post.p", "post.w")
@require_http_methods(["GET", "HEAD", "POST"])
def post_new(request: OfficeRequest) -> HttpResponse:
    """申请设岗, for a village in reach."""
    reach = Q(pk__in=[])
    for letter in opening.PROPOSES:
        reach |= Q(pk__in=Unit.objects.visible_to(request.user, "post", letter).values("pk"))
    villages = Unit.objects.filter(reach, level=Level.VILLAGE, closed_on=None).in_order()
    form = ProposalForm(sent(request), villages=villages)

    def save(said: dict[str, Any]) -> str:
        post = opening.propose(said.pop("unit"), request.user, **said)
        messages.success(request, f"已申请{post.title}，编号{post.number}，待乡镇核查。")
        return reverse("posts:post", args=[post.pk])

    context = {
        "title": "申请设岗", "subtitle": "村申请，乡镇核查，县核定后开发", "button": "提交申请",
        "back": reverse("posts:list"),
    }  # fmt: skip
    return form_page(request, form, save, context)


@needs("post.r")
@require_GET
def post_page(request: OfficeRequest, pk: int) -> HttpResponse:
    """One post: what it is, who holds it, who applies, its life, and the next step of whoever looks."""
    rows = Post.objects.visible_to(request.user).select_related("unit__parent__parent")
    post = get_object_or_404(rows, pk=pk)
    holders = held_now().filter(post=post).select_related("laborer__household", "candidate", "post__unit")
    holder = holders.order_by("started_on").first()
    people = Candidate.objects.standing().filter(recruitment__post=post).select_related("laborer")
    ways = next_steps(OF_POST, post, request.user, post.unit)
    context = {
        "page_title": post.title, "post": post, "tone": TONES[post.state], "facts": _facts(post),
        "events": life_of(post), "holder": holder, "candidates": people.order_by("pk"),
        "doubts": doubts_of([holder])[holder.pk] if holder else None,
        "call": post.recruitments.standing().first(),
        "forward": [(name, step) for name, step in ways if not step.aside],
        "aside": [(name, step) for name, step in ways if step.aside],
        "waits": _waits_for(post, holder),
        "breadcrumbs": [{"label": "公岗", "url": reverse("posts:list")}, {"label": post.title}],
    }  # fmt: skip
    return render(request, "posts/post.html", context)


def _facts(post: Post) -> list[dict[str, Any]]:
    days = f"每月{post.days_required}天" if post.days_required else "—"
    pay = f"{yuan(post.monthly_fen)}元/月" if post.monthly_fen else "—"
    enough = paid_enough(post.monthly_fen, limits_of(post.unit))
    pay += f"（{enough.rule}：{enough.text}）" if enough.state == NOT_MET else ""
    rows = [
        ("岗位编号", post.number), ("岗位类别", post.category), ("开发层级", post.level), ("资金来源", post.funding),
        ("主管部门", post.department), ("用人单位", post.employer), ("岗位职责", post.duties), ("责任片区", post.area),
        ("补贴标准", pay), ("规定出勤天数", days),
    ]  # fmt: skip
    if post.reason and post.state not in (Post.State.REFUSED, Post.State.CLOSED):
        rows.append(("申请理由", post.reason))
    return [{"label": label, "value": value or "—"} for label, value in rows]


def _waits_for(post: Post, holder: Appointment | None) -> str:
    """Whose turn it is, for those whose turn it is not."""
    if post.state == Post.State.PROPOSED:
        return "等待乡镇核查。"
    if post.state == Post.State.CHECKED:
        return "等待县核定。"
    return "岗位空着，由村或乡镇发布招聘公告。" if post.state == Post.State.OPEN and holder is None else ""


@needs("post.a")
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: OfficeRequest) -> HttpResponse:
    """岗位规定 and 岗位数量上限 of the county."""
    county = Unit.objects.visible_to(request.user, "post", "a").filter(level=Level.COUNTY).in_order().first()
    if county is None:
        raise Http404
    units = Unit.objects.under(county).filter(level__in=(Level.COUNTY, Level.TOWNSHIP)).in_order()
    which = request.POST.get("form") if request.method == "POST" else ""
    rules = PolicyForm(request.POST if which == "policy" else None, initial=vars(limits_of(county)))
    first = {"unit": county.code, "year": timezone.localdate().year}
    ceiling = CeilingForm(request.POST if which == "ceiling" else None, units=units, initial=first)

    def set_policy() -> str:
        opening.set_policy(county, rules.limits, request.user)
        messages.success(request, "岗位规定已保存。")
        return reverse("posts:policy")

    def set_ceiling() -> str:
        opening.set_ceiling(by=request.user, **ceiling.cleaned_data)
        messages.success(request, "岗位数量上限已保存。")
        return reverse("posts:policy")

    if done := saved(request, rules, set_policy) or saved(request, ceiling, set_ceiling):
        return done
    rows = PostCeiling.objects.visible_to(request.user).under(county).select_related("unit")
    shown = list(rows.order_by("-year", "unit__sort_path", "category")[:100])
    taken = opening.open_under_each(shown, county)
    ceilings = [{"row": one, "taken": taken[one.pk]} for one in shown]
    context = {
        "page_title": "岗位规定和上限", "county": county, "rules": rules, "ceiling": ceiling, "ceilings": ceilings,
        "breadcrumbs": [{"label": "公岗", "url": reverse("posts:list")}, {"label": "岗位规定和上限"}],
    }  # fmt: skip
    return render(
        request, "posts/policy.html", context, status=422 if rules.errors or ceiling.errors else 200
    )


def seen(user: User, people: list[int]) -> set[int]:
    """Of these people, those whose page the user may open."""
    return set(Laborer.objects.visible_to(user).filter(pk__in=people).values_list("pk", flat=True))
