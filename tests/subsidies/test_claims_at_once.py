"""20 attempts at the same moment from four processes: one claim, one benefit of a month, one approval by the county."""

from __future__ import annotations

from collections import Counter

import pytest

from accounts.audit import AuditEntry
from posts.models import TakenMonth
from subsidies.claims import deciding
from subsidies.models import Claim, Notice
from tests import cast as casting
from tests.factories import MARCH
from tests.proof_data.parallel import together
from tests.subsidies.claiming import TODAY, applied, scheme_of, worker


@pytest.fixture
def cast(test_environment) -> casting.Cast:
    return casting.build()


def test_20_attempts_at_one_person_leave_one_claim_or_one_post_pay_and_no_agent_without_consent(
    cast, test_environment
):
    scheme, person = scheme_of(cast), worker(cast)
    call = ("claim", {"person": person.pk, "scheme": scheme.pk, "times": 5})
    told = Counter(one for answer in together(test_environment, *[call] * 4) for one in answer)
    assert set(told) <= {"claimed", "paid", "refused"}, told
    assert (told["claimed"], told["paid"] > 0) in ((1, False), (0, True))  # one post pay may ask again
    assert Claim.objects.count() == told["claimed"]
    assert not Claim.objects.exclude(how="本人申请").exists()
    assert TakenMonth.objects.filter(laborer=person, month=MARCH).count() == 1
    assert AuditEntry.objects.filter(action="subsidy.apply").count() == told["claimed"]


def test_of_20_approvals_only_one_of_the_county_counts(cast, test_environment):
    claim = applied(cast, scheme_of(cast))
    deciding.check(claim, cast.village)
    notice = Notice.objects.create(
        village=claim.village, scheme=claim.scheme, period=claim.period, from_on=TODAY, until_on=TODAY, place="公示栏",
        made_by=cast.village,
    )  # fmt: skip
    Claim.objects.filter(pk=claim.pk).update(state="shown", notice=notice)
    deciding.compare(claim, cast.township)
    call = ("approve", {"claim": claim.pk, "times": 5})
    told = Counter(one for answer in together(test_environment, *[call] * 4) for one in answer)
    assert told == {"xian": 1, "refused": 19}
    assert AuditEntry.objects.filter(action="subsidy.approve").count() == 1
