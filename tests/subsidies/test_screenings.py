"""Screening in the browser: the numbers, the list, the explanation of one person, and why somebody has not claimed."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from accounts.authority import NotAllowed
from jobs.models import Job
from jobs.runner import run_waiting
from jobs.todos import of_rooms
from ledgers.codes import IN_CITY, OUTSIDE
from lib.month import Month
from lib.staging import EXPORTS
from subsidies.models import REASONS, Claim, Screened, Screening, Unclaimed, Waiver
from subsidies.rules import ENTITLED, NOT_ENTITLED
from subsidies.screening import screen
from subsidies.screenings import reading
from subsidies.screenings.reasons import note_reason
from tests import factories
from tests.pages import pages_of
from tests.scheme_rows import scheme
from tests.test_every_url import signed_in

page, _ = pages_of("subsidies")

pytestmark = pytest.mark.django_db
MARCH = factories.MARCH


@pytest.fixture
def transport(cast):
    """一次性交通补贴 of county 991, in force since January."""
    return scheme(
        cast.units["991"], cast.county, approved_by=cast.city, from_month=Month(2023, 1), name="交通补贴"
    )


@pytest.fixture
def workers(cast, transport) -> dict[str, object]:
    """Two away from the county and one at home in village 99111, one away in another township."""
    made = {}
    for name, village, place in (
        ("甲", "99111", OUTSIDE), ("乙", "99111", IN_CITY), ("丙", "99111", "乡外县内"), ("丁", "99121", OUTSIDE),
    ):  # fmt: skip
        made[name] = factories.laborer(cast.units[village], name)
        factories.spell(made[name], place_class=place)
        factories.record(made[name], place_class=place)
    return made


@pytest.fixture
def run(cast, transport, workers) -> Screening:
    return screen([transport], cast.units["991"], MARCH, cast.county)[0]


def line_of(run, person) -> Screened:
    return Screened.objects.select_related("screening__scheme", "village").get(screening=run, laborer=person)


def claimed(line: Screened, by, **fields) -> Claim:
    return Claim.objects.create(
        scheme=line.screening.scheme, code="B01", laborer_id=line.laborer_id, village=line.village, period="2023",
        month=MARCH, amount=line.amount, letters=line.letters, proposed_by=by, **fields,
    )  # fmt: skip


def waived(line: Screened, by) -> Waiver:
    return Waiver.objects.create(
        scheme=line.screening.scheme, code="B01", laborer_id=line.laborer_id, village=line.village, period="2023",
        words="我不要了", reason="嫌麻烦", witness="李某", on=dt.date(2023, 3, 10), by=by,
    )  # fmt: skip


def test_the_county_starts_the_screening_of_a_month_and_finds_it_in_the_list(cast, workers):
    officer = signed_in(cast.county)
    assert (
        "2023年3月还没有筛查"
        in officer.get(reverse("subsidies:screenings") + "?month=2023-03").content.decode()
    )
    for _ in range(2):  # a nervous thumb
        officer.post(reverse("subsidies:screening_start"), {"month": "2023-03"})
    job = Job.objects.get(kind="subsidy.screen")
    assert (
        "补贴筛查（甲县2023年3月）"
        in officer.get(reverse("subsidies:screenings") + "?month=2023-03").content.decode()
    )
    run_waiting("subsidy.screen")
    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 4)
    [row] = officer.get(job.params["page"]).context["lines"]
    assert (row["entitled"], row["missing"], row["unmet"]) == ("3", "0", "1")
    [row] = signed_in(cast.village).get(job.params["page"]).context["lines"]
    assert (row["entitled"], row["unmet"]) == ("2", "1")


@pytest.mark.parametrize(
    ("who", "month", "told"),
    [
        ("county", "2030-01", "还没有到"),
        ("county", "2022-06", "没有执行中的补贴政策"),
        ("county", "2023-02", "没有2023年2月的台账"),
        ("neighbour_county", "2023-03", "没有执行中的补贴政策"),
    ],
)
def test_a_screening_that_makes_no_sense_is_not_started(cast, workers, who, month, told):
    officer = signed_in(getattr(cast, who))
    answer = officer.post(reverse("subsidies:screening_start"), {"month": month}, follow=True)
    assert told in answer.content.decode()
    assert not Job.objects.exists()


def test_a_version_that_was_not_screened_yet_is_named(cast, run, transport):
    scheme(
        cast.units["991"], cast.county, version=2, approved_by=cast.city, from_month=MARCH, name="交通补贴二"
    )
    assert "交通补贴二的现行版本还没有筛查" in page(
        signed_in(cast.county), "screenings", query="?month=2023-03"
    )


def test_the_page_counts_who_claimed_who_waived_and_who_has_not_claimed_and_why(cast, run, workers):
    claimed(line_of(run, workers["甲"]), cast.village)
    waived(line_of(run, workers["乙"]), cast.village)
    note_reason(line_of(run, workers["丁"]), "外出未归", "", cast.neighbour_township)
    found = reading.tally(run, cast.county, reading.answers(run, cast.county))
    assert dict(found.results) == {ENTITLED: 3, NOT_ENTITLED: 1}
    assert dict(found.states) == {reading.CLAIMED: 1, reading.WAIVED: 1, reading.OPEN: 1}
    assert dict(found.reasons) == {"外出未归": 1}
    assert reading.tally(run, cast.village, reading.answers(run, cast.village)).people == 3
    shown = signed_in(cast.county).get(reverse("subsidies:screening", args=[run.pk]) + "?why=外出未归")
    assert [row["line"].laborer.name for row in shown.context["rows"]] == ["丁"]
    shown = signed_in(cast.county).get(
        reverse("subsidies:screening", args=[run.pk]) + "?state=claimed&unit=9911"
    )
    assert [row["line"].laborer.name for row in shown.context["rows"]] == ["甲"]


def test_the_list_filters_by_result_and_says_what_stands_in_the_way(cast, run):
    text = page(signed_in(cast.county), "screening", run.pk, query="?result=not")
    assert "丙" in text
    assert "务工时间不符合：要求累计务工满1个月，台账为0个月" in text
    assert "甲" not in [row["line"].laborer.name for row in _rows(cast.county, run, "?result=not")]
    assert [row["line"].laborer.name for row in _rows(cast.village, run, "")] == ["甲", "乙", "丙"]


def test_who_claimed_one_of_two_benefits_that_go_together_is_found_in_the_other(cast, run, workers):
    """YD-G08: 稳岗 was claimed this year, 交通 was not; of another year it tells nothing."""
    for name, year in (("甲", 2023), ("乙", 2022)):
        claim = claimed(line_of(run, workers[name]), cast.village)
        Claim.objects.filter(pk=claim.pk).update(code="B02", month=Month(year, 3))
    assert "已申请稳岗补贴，没有申领这一项" in page(signed_in(cast.county), "screening", run.pk)
    assert [row["line"].laborer.name for row in _rows(cast.county, run, "?state=other")] == ["甲"]


def _rows(user, run, query):
    return signed_in(user).get(reverse("subsidies:screening", args=[run.pk]) + query).context["rows"]


def test_one_person_is_explained_clause_by_clause_with_the_basis(cast, run, workers):
    text = page(signed_in(cast.village), "screened", line_of(run, workers["甲"]).pk)
    for told in (
        "示例文件〔2023〕1号",
        "人员范围",
        "脱贫人口",
        "16周岁以上",
        "周岁",
        "1,500.00元",
        "2023年3月",
        "符合",
    ):
        assert told in text
    assert workers["甲"].id_no not in text
    assert workers["甲"].masked_id in text


def test_the_same_from_the_person_s_side_shows_every_scheme(cast, run, workers):
    steady = scheme(
        cast.units["991"],
        cast.county,
        key="b02",
        approved_by=cast.city,
        from_month=Month(2023, 1),
        name="稳岗",
    )
    screen([steady], cast.units["991"], MARCH, cast.county)
    text = page(signed_in(cast.village), "screened_person", workers["甲"].pk)
    assert "交通补贴" in text
    assert "在同一单位累计务工满6个月" in text
    assert "3个月" in text
    assert "合计1,500.00元" in text


def test_a_reason_is_noted_by_the_village_and_only_of_who_may_still_claim(cast, run, workers):
    line = line_of(run, workers["甲"])
    village = signed_in(cast.village)
    village.post(reverse("subsidies:screened_reason", args=[line.pk]), {"reason": "联系不上"})
    village.post(
        reverse("subsidies:screened_reason", args=[line.pk]), {"reason": "材料不全", "note": "缺合同"}
    )
    assert [(one.reason, one.note, one.period) for one in Unclaimed.objects.all()] == [
        ("材料不全", "缺合同", "2023")
    ]
    answer = village.post(reverse("subsidies:screened_reason", args=[line.pk]), {"reason": "其他"})
    assert answer.status_code == 422
    assert "请写明原因" in answer.content.decode()
    for refused, act in (
        ("没有登记的权限", lambda: note_reason(line, REASONS[0], "", cast.county)),
        ("请选择", lambda: note_reason(line, "忘了", "", cast.village)),
        ("不符合条件", lambda: note_reason(line_of(run, workers["丙"]), REASONS[0], "", cast.village)),
    ):
        with pytest.raises(NotAllowed, match=refused):
            act()
    claimed(line, cast.village)
    with pytest.raises(NotAllowed, match="已经申请"):
        note_reason(line, REASONS[0], "", cast.village)
    other = line_of(run, workers["乙"])
    waived(other, cast.village)
    with pytest.raises(NotAllowed, match="自愿放弃"):
        note_reason(other, REASONS[0], "", cast.village)


def test_a_county_sees_no_button_to_note_a_reason(cast, run, workers):
    line = line_of(run, workers["甲"])
    assert "登记原因" in page(signed_in(cast.village), "screened", line.pk)
    assert "登记原因" not in page(signed_in(cast.county), "screened", line.pk)


def test_the_lists_to_take_away_agree_with_the_page(cast, run, workers):
    claimed(line_of(run, workers["甲"]), cast.village)
    note_reason(line_of(run, workers["乙"]), "不知道政策", "", cast.village)
    one = EXPORTS["screening"]
    rows = [
        dict(zip(one.headings, row, strict=True)) for row in one.rows(cast.county, cast.units["991"], MARCH)
    ]
    assert [
        (row["姓名"], row["筛查结果"], row["测算金额（元）"], row["申领情况"], row["未申领原因"])
        for row in rows
    ] == [
        ("甲", "符合条件", "1500.00", "已申请", ""),
        ("乙", "符合条件", "300.00", "未申领", "不知道政策"),
        ("丙", "不符合条件", "", "", ""),
        ("丁", "符合条件", "1500.00", "未申领", ""),
    ]
    assert one.count(cast.county, cast.units["991"], MARCH) == 4
    table = EXPORTS["unclaimed"]
    rows = [
        dict(zip(table.headings, row, strict=True))
        for row in table.rows(cast.county, cast.units["991"], MARCH)
    ]
    assert _columns(rows, "行政村", "符合条件", "未申领", "不知道政策", "没有登记原因") == [
        ("甲东一村", 2, 1, 1, 0), ("甲西一村", 1, 1, 0, 1),
    ]  # fmt: skip
    assert list(one.rows(cast.village, cast.units["99111"], MARCH)) == []  # a village exports no list
    answer = signed_in(cast.county).post(
        reverse("subsidies:screening_export"), {"month": "2023-03", "kind": "screening"}
    )
    assert answer.status_code == 302
    run_waiting("export.rows")
    assert Job.objects.get(kind="export.rows").state == "done"


def _columns(rows: list[dict], *names: str) -> list[tuple]:
    return [tuple(row[name] for name in names) for row in rows]


def test_each_page_asks_a_fixed_number_of_questions(cast, run, workers, django_assert_max_num_queries):
    line = line_of(run, workers["甲"])
    officer = signed_in(cast.county)
    for count, url in (
        (12, reverse("subsidies:screenings") + "?month=2023-03"),
        (14, reverse("subsidies:screening", args=[run.pk])),
        (8, reverse("subsidies:screened", args=[line.pk])),
        (10, reverse("subsidies:screened_person", args=[workers["甲"].pk])),
    ):
        with django_assert_max_num_queries(count):
            assert officer.get(url).status_code == 200


def test_whoever_is_entitled_and_has_neither_claim_nor_reason_is_on_the_list_of_the_village(
    run, cast, workers
):
    title = "符合条件还没有申领的补贴"
    counts = lambda who: {line["title"]: line["count"] for line in of_rooms(who)}.get(title)  # noqa: E731
    assert (counts(cast.village), counts(cast.neighbour_village), counts(cast.township)) == ("2", None, None)
    claimed(line_of(run, workers["甲"]), cast.village)
    home = signed_in(cast.village).get("/ledgers/mine/").content.decode()
    assert "交通补贴 1 人" in home
    assert f'href="/subsidies/screenings/{run.pk}/?why=' in home
    note_reason(line_of(run, workers["乙"]), REASONS[0], "", cast.village)
    assert counts(cast.village) is None


def test_the_months_to_screen_are_those_of_the_ledger(cast, workers):
    page = signed_in(cast.county).get(reverse("subsidies:screenings"))
    assert page.context["month"] == MARCH
    assert page.context["months"] == [MARCH]
