"""Pages of posts, workshops, subsidies and training that no journey stops at: readable by all, whole on a phone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.test_every_url import furnish_world
from tests.url_samples import SAMPLES, World

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = (
    "posts:sides", "posts:arrears", "posts:assessments", "posts:policy",
    "posts:workshop_standard", "subsidies:scheme", "subsidies:scheme_next", "subsidies:screenings",
    "subsidies:screened", "subsidies:waivers", "subsidies:batches_reconciled",
    "subsidies:training_plan",
)  # fmt: skip


@pytest.fixture
def world(transactional_db: None) -> World:
    return furnish_world()


def test_pages_beside_the_journeys_are_fine_on_a_phone(phone: Page, sign_in, fine, world: World):
    sign_in(phone, world.cast.county)
    for name in PAGES:
        page = SAMPLES[name](world)
        answer = phone.goto(f"{reverse(name, kwargs=page.own)}?{page.query}")
        assert answer is not None
        assert answer.status == 200, name
        fine(phone)
