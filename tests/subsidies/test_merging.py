"""Two villages become one: claims under way go on there to the last step; what was paid or printed keeps its own."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts import actions as units
from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from accounts.models import Posting
from subsidies.batches import actions as batching
from subsidies.claims import deciding, notices, waiving
from subsidies.models import Claim, Enrolment, Notice, PaymentBatch, Waiver
from subsidies.screening import screen
from tests.subsidies.batching import paid
from tests.subsidies.claiming import JPG, MARCH, applied, noticed, scheme_of, worker
from tests.subsidies.conftest import MORNING, at
from tests.subsidies.test_claims import WORDS
from tests.subsidies.training_cast import school

pytestmark = pytest.mark.django_db
DAY = dt.date(2023, 3, 15)


@pytest.fixture
def scheme(cast):
    return scheme_of(cast)


def merge(cast, into: str | None = "99112") -> None:
    Posting.objects.filter(unit=cast.units["99111"]).delete()
    units.close_unit(cast.units["99111"], DAY, cast.county, into=cast.units[into] if into else None)


def villages(*rows) -> set[str]:
    return {row.village.code for row in rows}


def test_a_claim_under_way_goes_on_in_the_village_that_remains_until_it_is_paid(cast, scheme, monkeypatch):
    first, second = applied(cast, scheme), applied(cast, scheme)
    notice = noticed(cast, scheme, first)
    screen([scheme], cast.units["991"], MARCH, cast.county)
    merge(cast)
    claim = Claim.objects.get(pk=first.pk)
    assert villages(claim, Claim.objects.get(pk=second.pk), Notice.objects.get()) == {"99112"}
    assert set(claim.scheme.screenings.get().lines.values_list("village__code", flat=True)) == {"99112"}
    keeper = cast.neighbour_village
    deciding.check(Claim.objects.get(pk=second.pk), keeper)
    at(monkeypatch, MORNING + dt.timedelta(days=5))
    notices.end(notices.add_photo(Notice.objects.get(pk=notice.pk), JPG, keeper), "", keeper)
    deciding.compare(claim, cast.township)
    deciding.approve(claim, cast.county)
    batch = batching.make(scheme, cast.units["991"], cast.county)
    assert villages(batch.lines.get()) == {"99112"}
    told = AuditEntry.objects.get(action="unit.close").detail
    assert (told["claims"], told["notices"], told["screened"]) == (2, 1, 2)


def test_what_was_paid_keeps_the_village_in_whose_name_it_was(cast):
    batch = paid(cast)
    before = {line.pk: line.village_id for line in batch.lines.all()}
    merge(cast)
    assert {line.pk: line.village_id for line in batch.lines.all()} == before
    assert cast.units["99111"].pk in set(Claim.objects.values_list("village", flat=True))
    assert PaymentBatch.objects.get(pk=batch.pk).unit.code == "991"


def test_waivers_and_learners_go_with_their_people(cast, scheme):
    waiver = waiving.waive(worker(cast), scheme, MARCH, cast.village, **WORDS)
    one = school(cast)
    running = one.running()
    merge(cast)
    assert villages(Waiver.objects.get(pk=waiver.pk)) == {"99112"}
    assert villages(*Enrolment.objects.filter(training_class=running)) == {"99112"}
    assert (
        waiving.take_back(Waiver.objects.get(), cast.neighbour_village).withdrawn_by == cast.neighbour_village
    )


def test_a_unit_with_a_batch_under_way_hands_it_on_or_is_not_closed(cast, scheme):
    unit, into = cast.units["99111"], cast.units["99112"]
    batch = PaymentBatch.objects.create(number="FF1", scheme=scheme, unit=unit, made_by=cast.county)
    with pytest.raises(NotAllowed, match="没办完的补贴申请、公示、发放批次"):
        merge(cast, into=None)
    merge(cast)
    batch.refresh_from_db()
    assert batch.unit == into
