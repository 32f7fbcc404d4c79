"""What the home of the village and of the offices lists of sheets and pay runs, each with its page."""

from __future__ import annotations

import pytest

from jobs.todos import of_rooms
from posts import attending, shop_accounts
from tests.cast import user
from tests.posts import shops
from tests.posts.paying_world import MARCH, PHOTO, Village


@pytest.fixture
def village(at, db, settings, tmp_path) -> Village:
    settings.MEDIA_ROOT = tmp_path / "files"
    at(5, month=4)
    return Village()


def lines(who) -> dict[str, str]:
    return {line["title"]: line["url"] for line in of_rooms(who)}


def test_a_sheet_and_its_pay_are_on_the_list_of_whose_turn_it_is(village):
    cast = village.cast
    sheet = "/posts/months/2023-03/sheet/99111/"
    assert lines(cast.village) == {"没有报送的2023年3月公岗考勤表": sheet}
    village.filled()
    attending.attach_paper(village.unit, MARCH, PHOTO, cast.village)
    signed = attending.sign(village.unit, MARCH, cast.village)
    assert lines(cast.village) == {}
    assert lines(cast.township) == {"待核对的公岗考勤表": sheet}
    attending.check(signed, cast.township)
    assert lines(cast.township) == lines(cast.county) == {}
    run = village.run()
    boss = user("xianjz", cast.units["991"], "county", "县局长")
    assert lines(boss) == {"待审批的公岗工资表": f"/posts/months/runs/{run.pk}/"}
    assert lines(cast.auditor) == {}


def test_the_account_of_a_workshop_waits_for_another_officer(village, client):
    cast = village.cast
    shop = shops.recognised(cast)
    asked = shop_accounts.ask(shop, "示例村箱包车间", "示例农商行", "9910010000000001", cast.county)
    boss = user("xianjz", cast.units["991"], "county", "县局长")
    assert lines(cast.county) == {}
    assert lines(boss) == {"待办理的车间": "/posts/workshops/?state=waiting"}
    client.force_login(boss)
    assert "登记的对公账户还没有确认" in client.get(f"/posts/workshops/{shop.pk}/").content.decode()
    shop_accounts.confirm(asked, boss)
    assert lines(boss) == {}
