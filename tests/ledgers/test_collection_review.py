"""Who passes a 采集表 on: three offices, three people."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ledgers.models import CollectionForm
from tests import cast as casting
from tests import factories

pytestmark = pytest.mark.django_db
State = CollectionForm.State


@pytest.fixture
def cast():
    return casting.build()


def refused_by_the_database(**fields) -> bool:
    try:
        with transaction.atomic():
            CollectionForm.objects.create(month=factories.MARCH, **fields)
    except IntegrityError:
        return True
    return False


def test_the_database_lets_nobody_review_or_confirm_what_they_filed(cast):
    village = cast.units["99111"]
    person = factories.laborer(village)
    one, two, three = cast.village, cast.township, cast.county
    now = timezone.now()
    names = {"laborer": person, "village": village, "filed_at": now, "reviewed_at": now, "confirmed_at": now}

    def confirmed(filed, reviewed, confirmer):
        return names | {
            "state": State.CONFIRMED, "filed_by": filed, "reviewed_by": reviewed, "confirmed_by": confirmer,
        }  # fmt: skip

    assert refused_by_the_database(**confirmed(one, one, three))
    assert refused_by_the_database(**confirmed(one, two, one))
    assert refused_by_the_database(**confirmed(one, two, two))
    assert refused_by_the_database(**confirmed(one, None, three))
    assert refused_by_the_database(laborer=person, village=village, state=State.SUBMITTED)
    assert refused_by_the_database(
        laborer=person, village=village, state=State.RETURNED, filed_by=one, returned_by=two
    )
    assert not refused_by_the_database(**confirmed(one, two, three))


def test_the_database_keeps_one_living_form_per_person_and_month(cast):
    village = cast.units["99111"]
    person = factories.laborer(village)
    assert not refused_by_the_database(laborer=person, village=village)
    assert refused_by_the_database(laborer=person, village=village)
    CollectionForm.objects.update(state=State.WITHDRAWN)
    assert not refused_by_the_database(laborer=person, village=village)
