"""One person, four workshops, twenty clerks at the same moment: one placement."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.audit import AuditEntry
from posts.models import Placement
from tests import cast as casting
from tests import factories
from tests.posts import shops
from tests.proof_data.parallel import together


@pytest.fixture
def cast(test_environment) -> casting.Cast:
    return casting.build()


def test_of_20_attempts_to_place_one_person_in_four_workshops_one_stands(client, cast, test_environment):
    person = factories.laborer(cast.units["99111"], "王五")
    client.force_login(cast.township)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    calls = []
    for n in range(4):
        url = reverse("posts:placement_new", args=[shops.factory(cast, f"CJ{n}", f"车间{n}").pk])
        data = {"name": "王五", "id_no": person.id_no, "started_on": "2023-03-01"}
        data["form_token"] = client.get(url).context["token"]
        calls.append(("post", {"session": session, "url": url, "data": data, "times": 5}))
    answers = [status for one in together(test_environment, *calls) for status, _ in one]
    assert sorted(answers) == [302] * 5 + [422] * 15
    assert Placement.objects.count() == AuditEntry.objects.filter(action="placement.begin").count() == 1
