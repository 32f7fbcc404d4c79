"""公岗与补贴: the figures of subsidies and training, and the page on which each number leads to its rows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from ledgers.codes import IN_COUNTY
from lib.money import yuan
from posts.models import Appointment, Assessment, Attendance, AttendanceSheet, Contract, Post
from reports import reading, rollup
from reports.figures import FIGURES, Value
from reports.models import Baseline
from reports.views.benefits import drift
from subsidies.models import Claim, Waiver
from subsidies.screening import screen
from tests import cast as casting
from tests.subsidies.schemes import MARCH, approved, version, worker

PAID_ON = dt.date(2023, 3, 20)


@pytest.fixture
def cast(db, settings):
    settings.TOTP = False
    return casting.build()


@pytest.fixture
def month(cast):
    """Five entitled in March: one paid, one applied, one waived, one of another village, one who did nothing."""
    scheme = version(cast.units["991"], cast.county, cast.city)
    paid, applied, waived, _, elsewhere = (worker(cast) for _ in range(5))
    elsewhere.village = cast.units["99121"]
    elsewhere.save()
    elsewhere.records.update(village=elsewhere.village)
    approved(cast, scheme, paid, state=Claim.State.PAID, paid_on=PAID_ON)
    approved(cast, scheme, applied, state=Claim.State.APPLIED, approved_by=None, compared_by=None)
    Waiver.objects.create(
        laborer=waived, village=waived.village, scheme=scheme, code="B01", period="2023", words="我不要了", on=PAID_ON,
        reason="已有单位补贴", witness="村主任", by=cast.village, at=timezone.now(),
    )  # fmt: skip
    screen([scheme], cast.units["991"], MARCH, cast.county)
    rollup.recompute(MARCH)
    return cast


def text(cast, figure: str, code: str = "991") -> str:
    return reading.value(cast.units[code], figure, MARCH).text


def test_who_waived_leaves_the_base_and_who_only_applied_has_not_received(month):
    assert text(month, "I18") == "25.0%"
    assert reading.value(month.units["991"], "I18", MARCH).denominator == 4
    assert (text(month, "I19"), text(month, "I19", "99121")) == ("2", "1")


def test_money_is_printed_in_yuan_and_per_head(month):
    assert [text(month, one) for one in ("I33", "I33m", "I33a")] == ["1", "1,500.00", "1,500.00"]
    assert text(month, "I33a", "99121") == "—"
    told = reading.value(month.units["991"], "I33m", MARCH).as_json()
    assert (told["numerator"], told["value"], told["text"]) == (150_000, 1500.0, "1,500.00")


def test_a_sum_per_head_is_rounded_half_up_to_the_fen():
    assert Value(FIGURES["I33a"], 100, 3).text == "0.33"
    assert Value(FIGURES["I33a"], 101, 2).text == "0.51"


def test_what_was_paid_after_the_month_is_not_yet_in_it(month):
    Claim.objects.filter(state=Claim.State.PAID).update(paid_on=dt.date(2023, 4, 1))
    rollup.recompute(MARCH)
    assert [text(month, one) for one in ("I18", "I33", "I33m")] == ["0.0%", "0", "0.00"]


def test_every_number_of_the_page_leads_to_as_many_rows_or_as_much_money(client, month):
    client.force_login(month.county)
    page = client.get(reverse("reports:benefits", args=["991", MARCH]))
    assert page.status_code == 200
    cells = {cell["head"]: cell for table in page.context["tables"] for cell in table["total"]["cells"]}
    assert cells["应享尽享率"]["text"] == "25.0"
    rows = client.get(cells["未申领"]["url"]).context
    assert len(rows["rows"]) == 2
    money = client.get(cells["本年金额"]["url"])
    assert yuan(150_000) in money.context["page_title"]
    assert "已发放" not in money.content.decode()


def test_a_unit_that_was_not_screened_is_told_apart_from_one_where_nobody_is_left(client, month):
    client.force_login(month.city)
    page = client.get(reverse("reports:benefits", args=["99", MARCH]))
    marks = {row["name"]: row["cells"][1]["mark"] for row in page.context["tables"][2]["rows"]}
    assert marks == {"甲县": "", "乙县": "本月没有筛查"}


def test_the_page_asks_the_same_number_of_queries_however_many_villages(
    client, month, django_assert_max_num_queries
):
    client.force_login(month.city)
    with django_assert_max_num_queries(16):
        assert client.get(reverse("reports:benefits", args=["99", MARCH])).status_code == 200


@pytest.mark.parametrize(
    ("now", "base", "told"),
    [(9, 10, "少1人"), (10, 10, ""), (11, 10, ""), (12, 10, "多2人"), (110, 100, ""), (111, 100, "多11人"),
     (0, 0, ""), (1, 0, "多1人"), (5, None, "")],
)  # fmt: skip
def test_fewer_holders_than_at_the_base_date_or_many_more_have_to_be_explained(now, base, told):
    assert drift(now, base) == told


def test_a_unit_that_lost_holders_is_marked_beside_its_number(client, month):
    client.force_login(month.county)
    address = reverse("reports:benefits", args=["991", MARCH])
    assert "YD-F18" not in client.get(address).content.decode()
    Baseline.objects.create(
        name="2022年底",
        unit=month.units["991"],
        figure="I07",
        value=3,
        set_by=month.county,
        set_at=timezone.now(),
    )
    assert "较2022年底少3人（YD-F18）" in client.get(address).content.decode()


def test_nobody_sees_the_page_of_a_unit_elsewhere(client, month):
    client.force_login(month.village)
    assert client.get(reverse("reports:benefits", args=["99121", MARCH])).status_code == 404
    assert client.get(reverse("reports:benefits", args=["99111", MARCH])).status_code == 200


def test_posts_are_counted_with_attendance_contract_and_assessment_and_what_is_owed(cast):
    village = cast.units["99111"]
    sheet = AttendanceSheet.objects.create(
        unit=village, month=MARCH, state="checked", entered_by=cast.village, signed_by=cast.village,
        checked_by=cast.township,
    )  # fmt: skip
    for number, days in ((1, 22), (2, 0)):
        post = Post.objects.create(
            number=f"P{number}", unit=village, title="保洁员", category="保洁员", opened_on=MARCH.first_day,
            monthly_fen=30_000,
        )  # fmt: skip
        held = Appointment.objects.create(
            post=post, laborer=worker(cast, IN_COUNTY), started_on=MARCH.first_day
        )
        Attendance.objects.create(sheet=sheet, appointment=held, days=days, by=cast.village)
    Contract.objects.create(
        appointment=held,
        kind="劳务协议",
        from_on=MARCH.first_day,
        until_on=MARCH.last_day,
        signed_by=cast.township,
    )
    Assessment.objects.create(
        appointment=held, period="2023年3月", grade="合格", on=PAID_ON, by=cast.township
    )
    rollup.recompute(MARCH)
    assert [text(cast, one) for one in ("I07", "I26a", "I26b", "I26c")] == ["2", "50.0%", "50.0%", "50.0%"]
    assert [text(cast, one) for one in ("I27", "I27m")] == ["1", "300.00"]
