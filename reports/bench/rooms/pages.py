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
    """Pages of one row each: the first row of those named."""
    wanted = [*_of_posts(home), *_of_claims(home, county), *_of_training(county)]
    for name, rows in wanted:
        if row := rows.first():
            yield name, reverse(name.partition("#")[0], args=[row.pk]), {}
    screening = _screenings(county)[0]
    for query in ({"result": "entitled", "state": "open"}, {"why": "正在准备材料"}, {"page": "200"}):
        address = reverse("subsidies:screening", args=[screening.pk])
        yield f"subsidies:screening?{'&'.join(query)}", address, query
    if line := _lines(home, county).order_by("-pk").first():
        yield "subsidies:screened_person", reverse("subsidies:screened_person", args=[line.laborer_id]), {}


def _of_posts(home: Unit) -> Iterator[tuple[str, QuerySet[Any]]]:
    town = home.parent
    workshops = Workshop.objects.filter(unit__parent=town).order_by("pk")
    placed = Placement.objects.filter(workshop__unit__parent=town, ended_on=None).order_by("pk")
    yield "posts:post", Post.objects.filter(unit=home, state="open").order_by("pk")
    yield "posts:candidate", Candidate.objects.filter(recruitment__post__unit__parent=town)
    yield "posts:appointment", Appointment.objects.filter(post__unit=home, ended_on=None).order_by("pk")
    yield "posts:run", PayRun.objects.filter(unit=town, month=LAST - 1)
    yield "posts:workshop", workshops.filter(awards__isnull=False)
    for name in ("workshop_edit", "placement_new", "award_new", "workshop_review"):
        yield f"posts:{name}", workshops
    for name in ("placement_edit", "placement_leave"):
        yield f"posts:{name}", placed
    yield "posts:award", WorkshopAward.objects.filter(workshop__unit__parent=town)


def _screenings(county: Unit) -> QuerySet[Screening]:
    return Screening.objects.filter(month=LAST, unit=county).order_by("-pk")


def _lines(home: Unit, county: Unit) -> QuerySet[Screened]:
    runs = _screenings(county).values("pk")
    return Screened.objects.filter(screening__in=runs, village=home, result="entitled").order_by("pk")


def _of_claims(home: Unit, county: Unit) -> Iterator[tuple[str, QuerySet[Any]]]:
    claims = Claim.objects.filter(village=home).annotate(n=Count("steps")).order_by("-n", "pk")
    notices, lines = Notice.objects.filter(village=home), _lines(home, county)
    batches = PaymentBatch.objects.filter(unit=county).order_by("-people")
    yield "subsidies:scheme", SchemeVersion.objects.filter(version=90)
    yield "subsidies:claims_of", Laborer.objects.filter(claims__village=home).order_by("pk")
    yield "subsidies:claim_new", lines
    yield "subsidies:waiver_new", lines
    yield "subsidies:notice_new", claims.filter(state="checked")
    yield "subsidies:claim", claims
    yield "subsidies:notice", notices.filter(ended_at=None)
    yield "subsidies:notice_print", notices.filter(claims__isnull=False)
    yield "subsidies:screening", _screenings(county)
    yield "subsidies:screened", lines
    yield "subsidies:batch", batches
    yield "subsidies:payment_line", PaymentLine.objects.filter(batch__in=batches, village=home)


def _of_training(county: Unit) -> Iterator[tuple[str, QuerySet[Any]]]:
    classes = TrainingClass.objects.filter(unit=county).order_by("pk")
    plans = TrainingPlan.objects.filter(unit=county)
    for name in ("plan", "plan_edit", "class_new"):
        yield f"subsidies:training_{name}", plans
    for state in ("planned", "open", "finished", "settled"):
        yield f"subsidies:training_class#{state}", classes.filter(state=state)
    for name, state in (("class_edit", "planned"), ("wishes", "planned"), ("attendance", "open"),
                        ("certificates", "settled"), ("allowance", "settled")):  # fmt: skip
        yield f"subsidies:training_{name}", classes.filter(state=state)
