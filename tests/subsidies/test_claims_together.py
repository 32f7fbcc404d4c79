"""A workbook of claims costs a handful of questions, however long it is, and its rows are judged beside each other."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs import imports
from ledgers.models import BankAccount
from lib.month import Month
from subsidies.models import Claim, ClaimStep
from tests import factories
from tests.subsidies.claiming import EXAMPLE, scheme_of, worker
from tests.subsidies.test_claim_imports import counts, row, staged, told


def _questions(cast, *people) -> int:
    with CaptureQueriesContext(connection) as asked:
        batch = staged(cast, *(row(one) for one in people))
        imports.confirm(batch, cast.township)
    assert counts(batch) == (len(people), 0, 0, 0, 0)
    return len(asked)


def test_ten_rows_take_as_many_questions_as_two(cast):
    scheme_of(cast, documents=[])
    few = _questions(cast, *(worker(cast) for _ in range(2)))
    many = _questions(cast, *(worker(cast) for _ in range(10)))
    assert many <= few + 2
    assert ClaimStep.objects.count() == Claim.objects.count() == 12


def test_one_account_named_for_two_people_is_refused_before_anything_is_written(cast):
    scheme_of(cast, documents=[])
    card = {"开户行": "示例银行", "社保卡号": "6222020000001234567"}
    people = worker(cast), worker(cast)
    BankAccount.objects.all().delete()  # nobody has named one yet
    batch = staged(cast, *(row(one, **card) for one in people))
    assert counts(batch) == (1, 0, 0, 0, 1)
    assert "另一个人的收款账户" in told(batch)


def test_rows_that_exclude_each_other_are_refused_when_the_file_is_judged(cast):
    rule = EXAMPLE["b02"].rule
    rule = rule | {"clauses": [*rule["clauses"], {"kind": "not_paid", "codes": ["B11"], "years": 0}]}
    scheme_of(cast, "b02", name="稳岗补贴", rule=rule)
    scheme_of(cast, "b11", name="求职补贴")
    person = worker(cast)
    factories.record(person, Month(2023, 6))
    batch = staged(
        cast,
        row(person, 补贴项目="稳岗补贴", 所属期="2023年"),
        row(person, 补贴项目="求职补贴", 所属期="2023年"),
    )
    assert counts(batch) == (1, 0, 0, 0, 1)
    assert "同时享受" in told(batch) or "没有享受" in told(batch)
