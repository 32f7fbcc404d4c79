"""The demo city can be tried without a phone; nobody else at the city office can."""

import pytest

from tests import cast


@pytest.mark.parametrize(("is_demo", "address"), [(True, "/home/"), (False, "/accounts/second-factor/")])
def test_only_demo_accounts_of_the_city_enter_without_a_second_factor(client, settings, db, is_demo, address):
    settings.TOTP = True
    city = cast.build().city
    type(city).objects.filter(pk=city.pk).update(is_demo=is_demo)
    client.force_login(type(city).objects.get(pk=city.pk))
    answer = client.get("/home/")
    assert (answer.request["PATH_INFO"] if answer.status_code == 200 else answer["Location"]) == address
