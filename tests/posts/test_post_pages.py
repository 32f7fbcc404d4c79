"""The pages of 公益性岗位: the list, a post's life through its forms, and what each user is offered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from ledgers.once import FIELD, new_token
from posts import opening
from posts.models import Appointment, Candidate, Post, PostCeiling, PostPolicy
from tests import cast as casting
from tests import factories
from tests.posts import life


@pytest.fixture
def cast(db, at):
    at(18)
    return casting.build()


@pytest.fixture
def send(client):
    """Send a step's form as a user; returns the answer."""

    def post(user, name: str, *args: Any, follow: bool = True, **data: Any):
        client.force_login(user)
        return client.post(reverse(name, args=args), data | {FIELD: new_token()}, follow=follow)

    return post


def text_of(client, user, name: str, *args: Any, query: str = "") -> str:
    client.force_login(user)
    return client.get(reverse(name, args=args) + query).content.decode()


def test_a_post_goes_from_proposal_to_exit_through_its_forms(cast, client, send):
    who = life.person(cast, name="李示例")
    form = life.proposal() | {"unit": "99111", "monthly_fen": "400", "reason": "村内环境整治需要"}
    page = send(cast.village, "posts:new", **form).content.decode()
    post = Post.objects.get()
    assert "YD-F12" not in page
    cheap = life.proposed(cast, monthly_fen=30_000)
    assert "YD-F12：补贴标准全年3,600.00元，低于4,000元/年" in text_of(
        client, cast.county, "posts:post", cheap.pk
    )
    cheap.delete()
    assert (post.monthly_fen, post.state) == (40_000, "proposed")
    assert "等待乡镇核查" in page
    send(cast.township, "posts:post_step", post.pk, "check")
    send(cast.county, "posts:post_step", post.pk, "open", on="2023-03-01")
    send(cast.village, "posts:post_step", post.pk, "announce", notice="招聘保洁员一名，到村委会报名。",
         from_on="2023-03-01", until_on="2023-03-20")  # fmt: skip
    send(cast.village, "posts:post_step", post.pk, "apply", who="李示例", on="2023-03-05", cadre="")
    one = Candidate.objects.get()
    assert one.laborer == who
    send(
        cast.village, "posts:candidate_step", one.pk, "meeting", on="2023-03-08", text="到会32人，一致同意。"
    )
    send(cast.village, "posts:candidate_step", one.pk, "notice", from_on="2023-03-09", until_on="2023-03-12")
    send(
        cast.township,
        "posts:candidate_step",
        one.pk,
        "recommend",
        objections="公示期满无异议",
        opinion="同意推荐",
    )
    page = send(cast.county, "posts:candidate_step", one.pk, "file", since="2023-03-15", kind="劳务协议",
                until="2024-03-14", contract_number="1").content.decode()  # fmt: skip
    held = Appointment.objects.get()
    assert "在岗" in page
    assert held.contracts.get().until_on == dt.date(2024, 3, 14)
    send(
        cast.village,
        "posts:appointment_step",
        held.pk,
        "notify",
        ground="本人自愿",
        on="2023-03-16",
        note="本人提出离岗",
    )
    send(
        cast.township, "posts:appointment_step", held.pk, "decide", on="2023-03-17", stop_pay_on="2023-03-18"
    )
    send(cast.county, "posts:appointment_step", held.pk, "file-exit", successor="yes")
    held.refresh_from_db()
    assert (held.ended_on, held.successor) == (dt.date(2023, 3, 17), True)
    life_told = text_of(client, cast.village, "posts:post", post.pk)
    for words in (
        "申请设岗",
        "乡镇核查同意",
        "公示李示例",
        "聘用李示例",
        "李示例签劳务协议",
        "李示例离岗",
        "发布招聘公告",
    ):
        assert words in life_told


def test_a_refusal_stays_on_the_form_with_what_was_typed(cast, send):
    call = life.announced(cast)
    who = life.person(cast, household__poverty_kind="一般农户")
    answer = send(
        cast.village, "posts:post_step", call.post.pk, "apply", who=who.name, on="2023-03-05", cadre=""
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "不是脱贫人口" in page
    assert "YD-F19" in page
    assert who.name in page
    assert not Candidate.objects.exists()


@pytest.mark.parametrize("name", ["没有这个人", "1"])
def test_an_applicant_who_is_not_in_the_ledger_of_the_village_is_said_so(cast, send, name):
    call = life.announced(cast)
    far = life.person(cast, "99112")
    for who in (name, far.id_no):
        answer = send(
            cast.village, "posts:post_step", call.post.pk, "apply", who=who, on="2023-03-05", cadre=""
        )
        assert answer.status_code == 422


def test_of_two_people_of_one_name_the_number_decides(cast, send):
    call = life.announced(cast)
    one, _ = life.person(cast, name="同名人"), life.person(cast, name="同名人")
    answer = send(
        cast.village, "posts:post_step", call.post.pk, "apply", who="同名人", on="2023-03-05", cadre=""
    )
    assert "本村有2人符合" in answer.content.decode()
    send(cast.village, "posts:post_step", call.post.pk, "apply", who=one.id_no, on="2023-03-05", cadre="")
    assert Candidate.objects.get().laborer == one


def test_each_user_is_offered_the_steps_that_are_theirs(cast, client):
    post = life.proposed(cast)
    assert "等待乡镇核查" in text_of(client, cast.village, "posts:post", post.pk)
    offered = text_of(client, cast.township, "posts:post", post.pk)
    assert reverse("posts:post_step", args=[post.pk, "check"]) in offered
    assert reverse("posts:post_step", args=[post.pk, "open"]) not in offered
    client.force_login(cast.village)
    for step in ("check", "open", "close", "nonsense"):
        assert client.get(reverse("posts:post_step", args=[post.pk, step])).status_code == 404
    client.force_login(cast.neighbour_township)
    assert client.get(reverse("posts:post_step", args=[post.pk, "check"])).status_code == 404


def test_an_exit_decided_by_mistake_is_called_off_by_township_or_county_and_not_by_the_village(
    cast, client, send
):
    one = life.decided(cast)
    assert "撤销退岗决定" not in text_of(client, cast.village, "posts:appointment", one.pk)
    refused = send(cast.village, "posts:appointment_step", one.pk, "call-off-decision", reason="本人不愿退岗")
    assert refused.status_code == 404
    assert "撤销退岗决定" in text_of(client, cast.township, "posts:appointment", one.pk)
    page = send(cast.township, "posts:appointment_step", one.pk, "call-off-decision", reason="本人不愿退岗")
    assert "已撤销，继续在岗" in page.content.decode()
    one.refresh_from_db()
    assert one.exit_step == 0


def test_the_list_is_filtered_and_says_what_stands_against_each_holder(cast, client):
    held = life.appointed(cast)
    factories.spell(held.laborer, place_class="省外", job_form="灵活就业")
    empty = life.opened(cast, title="村级护林员", category="护林员")
    page = text_of(client, cast.township, "posts:list")
    assert "YD-F02" in page
    assert "正在省外务工" in page
    fine = life.appointed(cast, None, life.announced(cast, life.opened(cast, title="河道护水员")))
    doubtful = text_of(client, cast.township, "posts:list", query="?state=doubtful")
    assert (held.post.number in doubtful, fine.post.number in doubtful) == (True, False)
    Post.objects.filter(pk=fine.post_id).update(monthly_fen=30_000)
    assert "补贴标准" in text_of(client, cast.township, "posts:list", query="?state=doubtful")
    vacant = text_of(client, cast.township, "posts:list", query="?state=vacant")
    assert empty.number in vacant
    assert held.post.number not in vacant
    for query, shown in (
        ("?category=护林员", False),
        ("?q=保洁", True),
        ("?state=closed", False),
        ("?unit=99112", False),
    ):
        assert (held.post.number in text_of(client, cast.township, "posts:list", query=query)) == shown
    assert held.laborer.id_no not in page
    client.force_login(cast.village)
    assert client.get(reverse("posts:list"), {"unit": "9912"}).status_code == 404


def test_a_page_of_posts_costs_the_same_queries_however_many_are_held(
    cast, client, django_assert_max_num_queries
):
    for number in range(6):
        person = life.person(cast)
        post = Post.objects.create(
            number=f"{number}",
            unit=cast.units["99111"],
            title="护林员",
            category="护林员",
            opened_on=dt.date(2022, 1, 1),
        )
        Appointment.objects.create(post=post, laborer=person, started_on=dt.date(2022, 2, 1))
    client.force_login(cast.county)
    with django_assert_max_num_queries(27):
        page = client.get(reverse("posts:list")).content.decode()
    assert page.count("待补") == 6


@pytest.mark.parametrize("page", ["post", "candidate", "appointment"])
def test_a_page_of_one_costs_few_queries(cast, client, page, django_assert_max_num_queries):
    held = life.appointed(cast)
    key = {"post": held.post_id, "candidate": held.candidate_id, "appointment": held.pk}[page]
    client.force_login(cast.county)
    with django_assert_max_num_queries(30):
        assert client.get(reverse(f"posts:{page}", args=[key])).status_code == 200


def test_the_county_sets_its_rules_and_ceilings(cast, client, send, django_assert_max_num_queries):
    send(
        cast.county,
        "posts:policy",
        form="policy",
        notice_days="5",
        new_under="65",
        stay_under="70",
        one_per_household="on",
        least_a_year="3600",
    )
    assert PostPolicy.objects.get().notice_days == 5
    send(cast.county, "posts:policy", form="ceiling", unit="9911", year="2023", category="", number="12")
    assert PostCeiling.objects.get().number == 12
    answer = send(
        cast.county,
        "posts:policy",
        form="policy",
        notice_days="5",
        new_under="75",
        stay_under="70",
        least_a_year="0",
    )
    assert answer.status_code == 422
    client.force_login(cast.county)
    with django_assert_max_num_queries(16):
        assert "12" in client.get(reverse("posts:policy")).content.decode()
    client.force_login(cast.township)
    assert client.get(reverse("posts:policy")).status_code == 404


def test_what_waits_for_an_office_is_on_its_home_page_and_in_its_list(cast, client):
    post = life.proposed(cast)
    for user, there in ((cast.township, True), (cast.county, False), (cast.neighbour_township, False)):
        shown = text_of(client, user, "posts:list", query="?state=mine")
        assert (post.number in shown) == there
        assert ("待办理的公益性岗位" in text_of(client, user, "home")) == there
    life.told(cast, life.appointed(cast, None, life.announced(cast, life.opened(cast, title="村级护林员"))))
    assert "村级护林员" in text_of(client, cast.township, "posts:list", query="?state=mine")


def test_who_does_not_have_the_next_step_reads_whose_turn_it_is(cast, client, at):
    post = life.opened(cast, reason="村内环境整治需要")
    assert "村内环境整治需要" in text_of(client, cast.county, "posts:post", post.pk)
    at(11)  # notice until the 12th
    one = life.noticed(cast, call=life.announced(cast, post))
    page = text_of(client, cast.township, "posts:candidate", one.pk)
    assert "公示到2023年3月12日，期满后由乡镇推荐到县。" in page
    assert "推荐到县</a>" not in page
    assert "公示名册" in page
    assert "公示中" in text_of(client, cast.county, "posts:list")
    at(18)
    assert "推荐到县</a>" in text_of(client, cast.township, "posts:candidate", one.pk)
    assert "公示期满，等乡镇推荐到县。" in text_of(client, cast.village, "posts:candidate", one.pk)
    held = life.told(cast, life.appointed(cast, who=life.person(cast)))
    page = text_of(client, cast.village, "posts:appointment", held.pk)
    assert "等乡镇决定退岗。" in page
    assert "更正退岗告知" in page
    assert "退岗待乡镇决定" in text_of(client, cast.county, "posts:list")


def test_the_county_sees_what_is_left_under_its_ceiling_before_it_opens_a_post(cast, client):
    opening.set_ceiling(cast.units["9911"], 2023, "", 12, cast.county)
    post = opening.check(life.proposed(cast), cast.township)
    page = text_of(client, cast.county, "posts:post_step", post.pk, "open")
    assert f"{cast.units['9911'].name}2023年公益性岗位上限12个，已开发0个。" in page
