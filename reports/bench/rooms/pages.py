"""The pages of posts, pay, workshops, training and subsidies in a filled city, by who looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse

from accounts.models import Unit
from ledgers.models import Laborer
from posts.models import Appointment, Candidate, PayRun, Placement, Post, Workshop, WorkshopAward
from reports.bench.pages import Measured, asked, client
from reports.demo import city
from reports.demo.working import LAST
from subsidies.models import (
    Claim,
    Enrolment,
    Notice,
    PaymentBatch,
    PaymentLine,
    SchemeVersion,
    Screened,
    Screening,
    TrainingClass,
    TrainingPlan,
)

ROLES = ("village", "township", "county", "city")
LISTS = (
    "posts:list", "posts:new", "posts:policy", "posts:workshops", "posts:workshop_new", "posts:workshop_standard",
    "subsidies:schemes", "subsidies:scheme_new", "subsidies:claims", "subsidies:notices", "subsidies:waivers",
    "subsidies:screenings", "subsidies:training", "subsidies:training_plans", "subsidies:training_plan_new",
    "subsidies:batches", "subsidies:batch_new", "subsidies:batches_reconciled",
)  # fmt: skip
OF_A_MONTH = (
    "posts:attendance", "posts:pay", "posts:run_new", "posts:sides", "posts:arrears", "posts:assessments",
)  # fmt: skip
YEARLY = {name: {"year": "2023"} for name in ("subsidies:batches_reconciled", "subsidies:training")}
FILTERED = (
    ("posts:list", {"state": "vacant"}), ("posts:list", {"q": "护林"}), ("subsidies:claims", {"state": "applied"}),
    ("subsidies:claims", {"code": "B02"}), ("subsidies:claims", {"page": "400"}),
    ("subsidies:batch_new", {"scheme": "4"}),
)  # fmt: skip
Address = tuple[str, str, dict[str, str]]  # name, path, query


def measure() -> Measured:
    """Page and role → queries and ms, beside what the emptiest page of a signed-in user takes (`floor`)."""
    found: Measured = {}
    for role in ROLES:
        user = client(role)
        floor = asked(user, reverse("accounts:password"))["ms"]
        for name, path, query in addresses(role):
            if user.get(path, query).status_code == 200:  # not every role opens every page
                found[f"{name}, {role}"] = asked(user, path, query) | {"floor": round(floor, 1)}
    return found


def addresses(role: str) -> Iterator[Address]:
    """Every page of these rooms that shows something; rows are those of the home village, so that all may look."""
    home, county = Unit.objects.get(code=city.HOME_VILLAGE), Unit.objects.get(code=city.HOME_COUNTY)
    for name in LISTS:
        yield name, reverse(name), YEARLY.get(name, {})
    for name, query in FILTERED:
        yield f"{name}?{'&'.join(query)}", reverse(name), query
    for name in OF_A_MONTH:
        yield name, reverse(name, args=[LAST]), {}
    yield "posts:sheet", reverse("posts:sheet", args=[LAST - 1, home.code]), {}
    yield from _rows(role, home, county)
    unit = {"village": home, "township": Unit.objects.get(code=city.HOME_TOWNSHIP), "county": county}.get(
        role, Unit.objects.get(code=city.TOP)
    )
    yield "reports:benefits", reverse("reports:benefits", args=[unit.code, LAST]), {}


def _rows(role: str, home: Unit, county: Unit) -> Iterator[Address]:
    town = Unit.objects.get(code=city.HOME_TOWNSHIP)
    post = Post.objects.filter(unit=home, state="open").order_by("pk")
    held = Appointment.objects.filter(post__unit=home, ended_on=None).order_by("pk")
    of_town = {"village__parent": town}
    claims = Claim.objects.filter(village=home).annotate(n=Count("steps")).order_by("-n", "pk")
    screening = Screening.objects.filter(month=LAST, unit=county).order_by("-pk")
    lines = Screened.objects.filter(screening__in=screening.values("pk"), village=home, result="entitled")
    people = Laborer.objects.filter(claims__village=home).order_by("pk")
    classes = TrainingClass.objects.filter(unit=county).order_by("pk")
    enrolments = Enrolment.objects.filter(**of_town, training_class__state="settled")
    batches = PaymentBatch.objects.filter(unit=county)
    wanted: list[tuple[str, QuerySet[Any]]] = [
        ("posts:post", post),
        ("posts:candidate", Candidate.objects.filter(recruitment__post__unit__parent=town)),
        ("posts:appointment", held),
        ("posts:run", PayRun.objects.filter(unit=town, month=LAST - 1)),
        ("posts:workshop", Workshop.objects.filter(unit__parent=town, awards__isnull=False).order_by("pk")),
        ("posts:workshop_edit", Workshop.objects.filter(unit__parent=town)),
        ("posts:placement_new", Workshop.objects.filter(unit__parent=town)),
        ("posts:placement_edit", Placement.objects.filter(workshop__unit__parent=town, ended_on=None)),
        ("posts:placement_leave", Placement.objects.filter(workshop__unit__parent=town, ended_on=None)),
        ("posts:award", WorkshopAward.objects.filter(workshop__unit__parent=town)),
        ("posts:award_new", Workshop.objects.filter(unit__parent=town)),
        ("posts:workshop_review", Workshop.objects.filter(unit__parent=town)),
        ("subsidies:scheme", SchemeVersion.objects.filter(version=90)),
        ("subsidies:claims_of", people),
        ("subsidies:claim_new", lines),
        ("subsidies:waiver_new", lines),
        ("subsidies:notice_new", claims.filter(state="checked")),
        ("subsidies:claim", claims),
        ("subsidies:notice", Notice.objects.filter(village=home, ended_at=None)),
        ("subsidies:notice_print", Notice.objects.filter(village=home, claims__isnull=False)),
        ("subsidies:screening", screening),
        ("subsidies:screened", lines.order_by("pk")),
        ("subsidies:training_plan", TrainingPlan.objects.filter(unit=county)),
        ("subsidies:training_plan_edit", TrainingPlan.objects.filter(unit=county)),
        ("subsidies:training_class_new", TrainingPlan.objects.filter(unit=county)),
        ("subsidies:batch", batches.order_by("-people")),
        ("subsidies:payment_line", PaymentLine.objects.filter(batch__in=batches, village=home)),
    ]  # fmt: skip
    for state in ("planned", "open", "finished", "settled"):
        wanted.append((f"subsidies:training_class#{state}", classes.filter(state=state)))
    for name in ("edit", "wishes", "attendance", "certificates", "allowance"):
        state = {"attendance": "open", "certificates": "settled", "allowance": "settled"}.get(name, "planned")
        of_state = classes.filter(state=state)
        wanted.append((f"subsidies:training_{'class_edit' if name == 'edit' else name}", of_state))
    wanted.append(("subsidies:training_certificate", enrolments))
    for name, rows in wanted:
        if row := rows.first():
            yield name, reverse(name.partition("#")[0], args=[row.pk]), {}
    if one := screening.first():
        for query in ({"result": "entitled", "state": "open"}, {"why": "正在准备材料"}, {"page": "200"}):
            yield (
                f"subsidies:screening?{'&'.join(query)}",
                reverse("subsidies:screening", args=[one.pk]),
                query,
            )
    if line := lines.order_by("-pk").first():
        path = reverse("subsidies:screened_person", args=[line.laborer_id])
        yield "subsidies:screened_person", path, {}
