"""The last place of a class, twenty clerks at the same moment: one enrolment."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEntry
from subsidies.models import Enrolment, TrainingClass, TrainingDay
from tests import cast as casting
from tests.proof_data.parallel import together
from tests.subsidies.training_cast import school, wishing


@pytest.fixture
def cast(test_environment) -> casting.Cast:
    return casting.build()


def test_of_20_attempts_at_the_last_place_and_at_one_person_one_stands(client, cast, test_environment):
    one = school(cast, people=0)
    day = dt.date(2023, 3, 13)
    last = one.a_class(days=[day], places=1)
    people = [wishing(cast) for _ in range(4)]
    assert people[0].intention.wish_registered_at < timezone.now()
    client.force_login(cast.county)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    url = reverse("subsidies:training_wishes", args=[last.pk])
    calls = [
        ("post", {"session": session, "url": url, "data": {"person": str(person.pk)}, "times": 5})
        for person in people
    ]
    answers = [status for told in together(test_environment, *calls) for status, _ in told]
    assert answers == [302] * 20
    assert Enrolment.objects.count() == TrainingDay.objects.count() == 1
    assert AuditEntry.objects.filter(action="training.enrol").count() == 1
    assert TrainingClass.objects.get().taken == 1
