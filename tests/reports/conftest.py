from __future__ import annotations

import pytest

from posts.models import Appointment, Post
from reports import rollup
from reports.models import Baseline, Target
from sampling.models import Call, Campaign
from tests import cast, factories
from tests.factories import MARCH


@pytest.fixture
def people(db, settings) -> cast.Cast:
    settings.TOTP = False
    return cast.build()


@pytest.fixture
def month(people) -> cast.Cast:
    """A counted month: three workers in 99111, one in 99112, one in 99211, targets, a post, a base and two calls."""
    units = people.units
    for code, count in (("99111", 3), ("99112", 1), ("99211", 1)):
        for _ in range(count):
            factories.record(factories.laborer(units[code]), verify_state="已核实")
    idle = factories.laborer(units["99111"])
    factories.record(idle, working=False, reason="not_working", verify_state="未核实", place_class="")
    post = Post.objects.create(
        number="P1", unit=units["99111"], title="护林员", category="护林员", opened_on="2022-01-01"
    )
    Appointment.objects.create(post=post, laborer=idle, started_on="2022-02-01")
    campaign = Campaign.objects.create(unit=units["99"], month=MARCH, name="抽查")
    for person, connected in zip(units["99111"].laborers.order_by("pk")[:2], (True, False)):
        Call.objects.create(
            campaign=campaign,
            laborer=person,
            township=units["9911"],
            village=units["99111"],
            connected=connected,
            place_matches=connected or None,
            caller=people.sampler,
        )
    Target.objects.create(unit=units["991"], year=2023, value=5)
    Target.objects.create(unit=units["992"], year=2023, value=1)
    Baseline.objects.create(unit=units["991"], name="2022年10月", figure="I07", value=3)
    Baseline.objects.create(unit=units["992"], name="2022年10月", figure="I07", value=0)
    rollup.recompute(MARCH)
    return people
