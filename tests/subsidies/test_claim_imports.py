"""The workbook of claims: judged by the checks of the form, written once, taken back, and made again by the export."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.roles import Role
from jobs import imports
from jobs.imports.problems import problems
from jobs.models import ImportBatch
from ledgers.models import BankAccount, Laborer, MonthlyRecord
from lib.staging import EXPORTS, KINDS
from subsidies.imports.claims import months_of, to_period
from subsidies.models import Claim
from tests.cast import user
from tests.jobs.conftest import workbook
from tests.subsidies.claiming import MARCH, TODAY, applied, noticed, scheme_of, worker

HEADINGS = [column.title for column in KINDS["claims"].columns]


@pytest.fixture
def scheme(cast):
    return scheme_of(cast, documents=[])


def row(person: Laborer, **more: object) -> list:
    values = {
        "姓名": person.name,
        "身份证号码": person.id_no,
        "补贴项目": "交通补贴",
        "所属期": "2023年",
    } | more
    return [values.get(heading) for heading in HEADINGS]


def staged(cast, *rows: list, by=None, unit: str = "9911") -> ImportBatch:
    data = workbook(list(rows), HEADINGS)
    return imports.stage(data, "补贴申请.xlsx", "claims", cast.units[unit], None, by or cast.township)


def counts(batch: ImportBatch) -> tuple[int, ...]:
    return batch.new, batch.changed, batch.same, batch.review, batch.rejected


def told(batch: ImportBatch) -> str:
    return "".join(one["message"] for one in problems(batch))


def test_claims_are_made_from_a_workbook_with_the_amount_of_the_tariff(cast, scheme):
    own, other = worker(cast), worker(cast)
    agent = {"申请方式": "代办", "代办人": "某人", "与本人关系": "本人亲属", "委托日期": str(TODAY)}
    card = {"开户行": "示例银行", "社保卡号": "6222020000001234567", "金额": "1,500.00"}
    kept = staged(cast, row(own, **card))
    assert (counts(kept), "已登记收款账户" in told(kept)) == ((0, 0, 0, 0, 1), True)
    BankAccount.objects.filter(laborer=own).delete()
    batch = staged(cast, row(own, **card), row(other, **agent))
    assert (counts(batch), Claim.objects.count()) == ((2, 0, 0, 0, 0), 0)
    imports.confirm(batch, cast.township)
    claims = {one.laborer_id: one for one in Claim.objects.all()}
    assert {one.amount for one in claims.values()} == {150_000}
    assert (claims[own.pk].how, claims[other.pk].agent_relation) == ("本人申请", "本人亲属")
    assert BankAccount.objects.standing().get(laborer=own).number.endswith("4567")
    again = staged(cast, row(own, **card), row(other, **agent))
    assert counts(again) == (0, 0, 2, 0, 0)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"金额": "1600"}, "与标准不符，按台账应为1,500.00元"),
        ({"金额": "很多"}, "不是金额"),
        ({"代办人": "某人", "与本人关系": "邻居", "委托日期": "2023-03-01"}, "不在可选项中"),
        ({"代办人": "某人", "与本人关系": "乡村干部"}, "没有本人委托不能代办"),
        ({"申请方式": "本人申请", "代办人": "某人"}, "应为“代办”"),
        ({"补贴项目": "没有这项"}, "没有正在执行的"),
        ({"所属期": "2023年第1季度"}, "所属期应为“2023年”"),
        ({"所属期": "今年"}, "所属期应为"),
        ({"所属期": "2021年"}, "没有这个人的月度记录"),
        ({"姓名": "别人"}, "姓名不同"),
        ({"社保卡号": "123"}, "12至25位"),
        ({"社保卡号": "6222020000001234567"}, "开户行也要填写"),
        ({"身份证号码": "990101198506150000"}, "末位已丢失"),
    ],
)
def test_what_a_form_refuses_a_workbook_refuses_with_the_cell(cast, scheme, more, message):
    batch = staged(cast, row(worker(cast), **more))
    assert counts(batch) == (0, 0, 0, 0, 1)
    assert message in told(batch)


def test_who_is_not_entitled_doubled_or_claimed_otherwise_is_refused(cast, scheme):
    person, poor, twice = worker(cast), worker(cast), worker(cast)
    applied(cast, scheme, person)
    MonthlyRecord.objects.filter(laborer=poor).update(is_poverty=False)
    agent = {"代办人": "某人", "与本人关系": "乡村干部", "委托日期": str(TODAY)}
    batch = staged(cast, row(person, **agent), row(poor), row(twice), row(twice))
    assert counts(batch) == (1, 0, 0, 0, 3)
    assert all(one in told(batch) for one in ("导入不改动申请", "人员范围应为", "与第 4 行重复"))


def test_somebody_of_elsewhere_is_as_unknown_as_nobody(cast, scheme):
    batch = staged(cast, row(worker(cast, village="99211")))
    assert "台账中没有这个人，或不在管辖范围内" in told(batch)


def test_a_county_imports_and_another_of_the_county_approves(cast, scheme):
    person = worker(cast)
    imports.confirm(staged(cast, row(person), by=cast.county, unit="991"), cast.county)
    assert Claim.objects.get().proposed_by == cast.county
    assert user("xian9", cast.units["991"], Role.COUNTY).can("subsidy", "a", person.village)


def test_an_import_is_taken_back_while_nobody_has_decided_on_it(cast, scheme):
    people = [worker(cast), worker(cast)]
    batch = imports.confirm(staged(cast, *map(row, people)), cast.township)
    noticed(cast, scheme, Claim.objects.get(laborer=people[0]))
    imports.undo(batch, cast.township)
    states = [Claim.objects.get(laborer=one).state for one in people]
    assert states == ["noticed", "withdrawn"]


def test_what_is_exported_is_the_same_when_it_comes_back(cast, scheme):
    applied(cast, scheme)
    applied(cast, scheme)
    made = list(EXPORTS["claims"].rows(cast.county, cast.units["991"], MARCH))
    assert EXPORTS["claims"].headings == tuple(HEADINGS)
    assert EXPORTS["claims"].count(cast.county, cast.units["991"], MARCH) == len(made) == 2
    assert counts(staged(cast, *made)) == (0, 0, 2, 0, 0)
    assert not list(EXPORTS["claims"].rows(cast.county, cast.units["992"], MARCH))


def test_the_register_names_accounts_and_the_board_names_no_number(cast, scheme):
    claim = applied(cast, scheme)
    noticed(cast, scheme, claim)
    secrets = {claim.laborer.id_no, claim.laborer.phone, claim.account.number}
    (line,) = EXPORTS["claims-register"].rows(cast.county, cast.units["991"], MARCH)
    assert secrets < set(line)
    (line,) = EXPORTS["claims-board"].rows(cast.county, cast.units["991"], MARCH)
    assert not secrets & set(line)
    assert EXPORTS["claims-board"].headings == ("姓名", "性别", "年龄", "务工时间", "务工地点", "金额（元）")


@pytest.mark.parametrize(
    ("said", "period", "last"),
    [
        ("2023", "2023", "2023-12"), (2023, "2023", "2023-12"), ("2023年度", "2023", "2023-12"),
        ("2023年第1季度", "2023Q1", "2023-03"), ("2023年一季度", "2023Q1", "2023-03"), ("2023Q4", "2023Q4", "2023-12"),
        ("2023统计年度", "2023T", "2023-09"), ("2023年3月", "2023-03", "2023-03"), ("2023-03", "2023-03", "2023-03"),
        ("一次性", "once", "2999-12"),
    ],
)  # fmt: skip
def test_a_period_is_read_however_an_office_writes_it(said, period, last):
    assert to_period(said).value == period
    assert str(months_of(period)[1]) == last
    assert dt.date(1999, 1, 1) < months_of(period)[0].first_day
