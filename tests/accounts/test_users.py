"""Administering accounts: only below oneself, through named verbs, effective at once."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts import actions
from accounts.audit import AuditEntry
from accounts.authority import NotAllowed, first_password, visible_users
from accounts.models import User
from accounts.passwords import ThreeClassesValidator
from accounts.roles import Role

GRANTS = {
    # who: {(unit, role) that may be handed out}
    "village": set(),
    "township": set(),
    "county": {("99111", "village"), ("9911", "township")},
    "city": {("99111", "village"), ("9911", "township"), ("991", "county"), ("992", "county"), ("99", "sampler")},
    "sampler": set(),
    "auditor": set(),
    "admin": {
        ("99111", "village"), ("9911", "township"), ("991", "county"), ("992", "county"), ("99", "sampler"),
        ("99", "city"), ("99", "auditor"), ("99", "admin"),
    },
}  # fmt: skip
WISHES = sorted(GRANTS["admin"])


@pytest.mark.parametrize("who", GRANTS)
def test_postings_are_handed_out_only_below_oneself(cast, who):
    handed = set()
    for number, (code, role) in enumerate(WISHES):
        try:
            actions.open_user(
                username=f"new{number}", name="新人", unit=cast.units[code], role=role,
                password=None, by=cast.everyone()[who],
            )  # fmt: skip
            handed.add((code, role))
        except NotAllowed:
            continue
    assert handed == GRANTS[who]


@pytest.mark.parametrize(
    ("code", "role"), [("9911", "village"), ("99111", "county"), ("991", "city"), ("99", "township")]
)
def test_a_role_fits_the_level_of_its_unit(cast, code, role):
    with pytest.raises(NotAllowed):
        actions.set_posting(cast.nobody, cast.units[code], role, cast.admin)


@pytest.mark.parametrize(
    "target", ["county", "city", "admin", "neighbour_county", "auditor", "sampler", "nobody"]
)
def test_a_county_manages_nobody_at_or_above_itself_or_elsewhere(cast, target):
    user = cast.everyone()[target]
    for verb in (
        lambda: actions.reset_password(user, "x", cast.county),
        lambda: actions.set_active(user, False, cast.county),
        lambda: actions.reset_second_factor(user, cast.county),
        lambda: actions.rename_user(user, "改名", cast.county),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_someone_promoted_leaves_the_hands_of_the_county(cast):
    actions.set_posting(cast.township, cast.units["991"], Role.COUNTY, cast.city)
    with pytest.raises(NotAllowed):
        actions.reset_password(User.objects.get(pk=cast.township.pk), "x", cast.county)


def test_users_are_listed_within_reach(cast):
    names = set(visible_users(cast.county).values_list("username", flat=True))
    assert names == {"cun", "cun2", "zhen", "zhen2", "xian"}
    assert set(visible_users(cast.township).values_list("username", flat=True)) == {"cun", "cun2", "zhen"}
    assert not visible_users(cast.village).exists()
    assert cast.nobody in visible_users(cast.admin)
    assert cast.nobody not in visible_users(cast.city)


def test_the_first_password_is_shown_once_and_must_be_changed(client, cast):
    client.force_login(cast.county)
    form = {"username": "newcun", "name": "新信息员", "role": "village"}
    page = client.post("/accounts/users/new/?unit=99111", form).content.decode()
    made = User.objects.get(username="newcun")
    shown = page.split('class="code">')[1].split("<")[0]
    assert made.check_password(shown)
    assert made.must_change_password
    assert shown not in client.get(f"/accounts/users/{made.pk}/").content.decode()
    assert shown not in str(list(AuditEntry.objects.values()))


def test_first_passwords_are_good_and_differ():
    made = {first_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) == 14
        ThreeClassesValidator().validate(password)


def test_a_reset_password_ends_the_sessions_and_asks_for_a_new_one(client, cast):
    other = Client()
    other.force_login(cast.village)
    client.force_login(cast.county)
    client.post(f"/accounts/users/{cast.village.pk}/", {"act": "reset_password"})
    assert other.get("/accounts/security/")["Location"].startswith("/accounts/login/")
    assert User.objects.get(pk=cast.village.pk).must_change_password


def test_buttons_of_the_user_page_do_what_they_say(client, cast):
    client.force_login(cast.county)
    page = f"/accounts/users/{cast.village.pk}/"
    client.post(page, {"act": "disable"})
    assert not User.objects.get(pk=cast.village.pk).is_active
    client.post(page, {"act": "enable"})
    assert User.objects.get(pk=cast.village.pk).is_active
    client.post(page, {"act": "post", "unit": "甲西一村", "role": "village"})
    assert cast.village.postings.filter(unit__code="99121").exists()
    posting = cast.village.postings.get(unit__code="99111")
    client.post(page, {"act": "end", "posting": str(posting.pk)})
    posting.refresh_from_db()
    assert posting.until is not None


@pytest.mark.parametrize("act", ["disable", "reset_password", "end", "post", "reset_second_factor"])
def test_a_township_looks_but_changes_nothing(client, cast, act):
    client.force_login(cast.township)
    posting = cast.village.postings.get()
    form = {"act": act, "posting": str(posting.pk), "unit": "99111", "role": "village"}
    answer = client.post(f"/accounts/users/{cast.village.pk}/", form)
    assert answer.status_code in {200, 302}
    after = User.objects.get(pk=cast.village.pk)
    assert (after.is_active, after.password) == (True, cast.village.password)
    assert list(cast.village.postings.all()) == [posting]
    assert posting.until is None


def test_nobody_manages_themselves(client, cast):
    client.force_login(cast.admin)
    client.post(f"/accounts/users/{cast.admin.pk}/", {"act": "disable"})
    assert User.objects.get(pk=cast.admin.pk).is_active


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=cun", {"cun", "cun2"}),
        ("role=township", {"zhen", "zhen2"}),
        ("unit=9912", {"zhen2"}),
        ("unit=992", set()),
        ("state=disabled", {"cun2"}),
        ("state=active&role=village", {"cun"}),
        ("state=none", set()),
    ],
)
def test_the_list_filters_within_reach(client, cast, query, names):
    actions.set_active(cast.neighbour_village, False, cast.county)
    client.force_login(cast.county)
    page = client.get(f"/accounts/users/?{query}")
    assert {row.username for row in page.context["rows"]} == names


def test_the_list_pages_by_key(client, cast, monkeypatch):
    monkeypatch.setattr("accounts.views.users.PAGE", 2)
    client.force_login(cast.county)
    first = client.get("/accounts/users/")
    second = client.get("/accounts/users/" + first.context["next_url"])
    assert [row.username for row in first.context["rows"]] == ["cun", "cun2"]
    assert [row.username for row in second.context["rows"]] == ["xian", "zhen"]
