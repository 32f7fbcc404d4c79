"""Mailings: who is written to, once each, by day, and what is left when something breaks."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.db import IntegrityError, transaction

from accounts.audit import AuditEntry
from accounts.authority import NotAllowed
from jobs.models import Job
from jobs.runner import run_waiting
from ledgers.models import Intention
from posts.models import Appointment, Post
from subsidies import work
from subsidies.messages import actions, gateways, sending
from subsidies.messages.audience import AUDIENCES
from subsidies.messages.audience import people as audience_of
from subsidies.messages.texts import SMS, WECHAT, Words
from subsidies.models import Forwarding, Mailing, Message, MessageTemplate
from tests import factories
from tests.subsidies.conftest import CHINA, MORNING, at, prepared, template

pytestmark = pytest.mark.django_db
State = Mailing.State


def send(mailing: Mailing, by) -> Mailing:
    actions.confirm(mailing, by)
    work.start_sending(mailing, by)
    run_waiting()
    mailing.refresh_from_db()
    return mailing


def states(mailing: Mailing) -> list[str]:
    return list(mailing.messages.order_by("pk").values_list("state", flat=True))


# ── templates ────────────────────────────────────────────────────────────────────────────────────────────────────


def rewrite(one: MessageTemplate, by, text: str = "{村}：新的内容", **more) -> MessageTemplate:
    words = Words(one.kind, "B02", text)
    return actions.write_template(one.unit, one.title, words, by, one, more.get("seen", one.written_at))


def test_a_template_that_was_not_used_is_changed_in_place(cast):
    one = template(cast)
    assert rewrite(one, cast.township).pk == one.pk
    assert MessageTemplate.objects.get().text == "{村}：新的内容"


def test_a_template_that_was_used_stays_as_it_was_sent(cast, people):
    one = template(cast)
    mailing = prepared(cast, text=one)
    new = rewrite(one, cast.township)
    assert (new.version, new.series) == (2, one.series)
    mailing.template.refresh_from_db()
    assert "{姓名}您好" in mailing.template.text
    assert mailing.template.replaced_at
    assert list(MessageTemplate.objects.newest()) == [new]


def test_the_second_of_two_editors_overwrites_nothing(cast, people):
    one = template(cast)
    with pytest.raises(actions.Conflict):
        rewrite(one, cast.township, seen=MORNING - dt.timedelta(minutes=1))
    prepared(cast, text=one)
    rewrite(one, cast.township)
    with pytest.raises(actions.Conflict):  # a new version stands there
        rewrite(one, cast.township)


def test_two_newest_versions_cannot_be(cast):
    one = template(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        MessageTemplate.objects.create(
            series=one.series, version=2, unit=one.unit, kind=SMS, scheme="B01", title="二", text="二",
            written_by=cast.township,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "by", "may"),
    [
        ("9911", "township", True),
        ("991", "township", False),
        ("9912", "township", False),
        ("991", "county", True),
        ("9911", "county", True),
        ("99", "city", True),
        ("99111", "village", False),
        ("99", "auditor", False),
        ("99", "admin", False),
    ],
)
def test_who_writes_templates_and_sends_for_which_unit(cast, people, unit, by, may):
    words = Words(SMS, "B02", "{村}通知")
    text, user = template(cast, "99", "city"), getattr(cast, by)
    factories.laborer(cast.units["99121"])
    for act in (
        lambda: actions.write_template(cast.units[unit], "试写", words, user),
        lambda: actions.prepare(text, cast.units[unit], "everybody", user),
    ):
        if may:
            act()
        else:
            with pytest.raises(NotAllowed, match="权限"):
                act()


def test_templates_of_the_units_above_are_read_and_not_written(cast):
    of_county, of_neighbour = template(cast, "991", "county"), template(cast, "9912", "neighbour_township")
    assert set(MessageTemplate.objects.visible_to(cast.village)) == {of_county}
    assert set(MessageTemplate.objects.visible_to(cast.township)) == {of_county}
    assert set(MessageTemplate.objects.visible_to(cast.city)) == {of_county, of_neighbour}
    assert not MessageTemplate.objects.visible_to(cast.nobody).exists()
    with pytest.raises(NotAllowed):
        rewrite(of_county, cast.township)


# ── whom ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_audience_is_whom_it_says(cast):
    village = cast.units["99111"]
    made = {key: factories.laborer(village) for key in AUDIENCES if key != "everybody"}
    factories.record(made["counted"])
    for key in ("idle", "idle_plan"):
        factories.record(made[key], working=False, reason="not_working", place_class="")
    Intention.objects.create(laborer=made["idle_plan"], plans_out=True)
    Intention.objects.create(laborer=made["returned"], is_returned=True)
    Intention.objects.create(laborer=made["training"], wants_training=True)
    made["relocated"].household.is_relocated = True
    made["relocated"].household.save()
    made["monitored"].household.monitor_kind = "脱贫不稳定户"
    made["monitored"].household.save()
    made["graduates"].is_recent_leaver = True
    made["graduates"].save()
    post = Post.objects.create(
        number="P1", unit=village, title="护林员", category="护林员", opened_on="2022-01-01"
    )
    Appointment.objects.create(post=post, laborer=made["post_holders"], started_on=dt.date(2022, 2, 1))
    expected = {key: {person} for key, person in made.items()}
    expected["idle"] |= expected["idle_plan"]
    expected["everybody"] = set(made.values())
    dead = factories.laborer(village, person_state="永久退出/死亡", is_recent_leaver=True)
    found = {key: set(audience_of(village, key, cast.township)) for key in AUDIENCES}
    assert found == expected
    assert dead not in found["everybody"]


def test_the_list_is_frozen_with_its_cost_and_leaves_out_who_cannot_be_reached(cast, people):
    factories.laborer(cast.units["99111"], phone="0714-6221234")
    factories.laborer(cast.units["99121"])  # another township
    mailing = prepared(cast)
    assert (mailing.people, mailing.without_phone, mailing.over_limit) == (4, 1, 0)
    assert mailing.parts == sum(mailing.messages.values_list("parts", flat=True)) >= 4
    factories.laborer(cast.units["99111"])
    assert mailing.messages.count() == 4
    assert states(mailing) == ["waiting"] * 4


def test_a_list_of_nobody_is_refused_with_the_reason(cast):
    factories.laborer(cast.units["99111"], phone="")
    with pytest.raises(NotAllowed, match="没有手机号1人"):
        prepared(cast)
    assert not Mailing.objects.exists()


def test_too_many_at_once_are_refused(cast, people, monkeypatch):
    monkeypatch.setattr(actions, "MOST", 3)
    with pytest.raises(NotAllowed, match="最多3人"):
        prepared(cast)


def test_a_village_sees_what_its_people_got_and_not_the_others(cast, people, recorder):
    draft = prepared(cast)
    assert not Mailing.objects.visible_to(cast.village).exists()  # nothing was sent yet
    mailing = send(draft, cast.township)
    assert list(Mailing.objects.visible_to(cast.village)) == [mailing]
    assert Message.objects.visible_to(cast.village).count() == 3
    assert Message.objects.visible_to(cast.neighbour_village).count() == 1
    assert sum(line["people"] for line in actions.counts(mailing, cast.village)) == 3
    assert not Mailing.objects.visible_to(cast.neighbour_county).exists()


# ── sending ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_everybody_gets_the_text_once_and_the_mailing_is_done(cast, people, recorder):
    mailing = send(prepared(cast), cast.township)
    assert mailing.state == State.DONE
    assert sorted(phone for phone, *_ in recorder.sent) == sorted(person.phone for person in people)
    assert {text.partition("您好")[0] for _, text, _ in recorder.sent} == {person.name for person in people}
    assert (
        "稳岗补贴标准为每年300元，请于2023年4月30日前到甲东一村申领，电话0714-6221234。"
        in recorder.sent[0][1]
    )
    assert states(mailing) == ["handed"] * 4


def test_twenty_clicks_send_once(cast, people, recorder):
    mailing = prepared(cast)
    for _ in range(20):
        actions.confirm(mailing, cast.township)
        work.start_sending(mailing, cast.township)
    assert Job.objects.count() == 1
    run_waiting()
    for _ in range(20):
        actions.confirm(mailing, cast.township)
        work.start_sending(mailing, cast.township)
    run_waiting()
    assert len(recorder.sent) == 4
    assert AuditEntry.objects.filter(action="message.send").count() == 1


def test_a_worker_that_dies_between_the_gateway_and_the_answer_leaves_one_unknown_and_doubles_nobody(
    cast, people, recorder
):
    mailing = prepared(cast)
    actions.confirm(mailing, cast.township)
    job = work.start_sending(mailing, cast.township)
    recorder.failing[2] = KeyboardInterrupt()  # as a killed process: nothing of ours runs after it
    with pytest.raises(KeyboardInterrupt):
        run_waiting()
    assert states(mailing) == ["handed", "unknown", "waiting", "waiting"]
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.QUEUED
    )  # what the tick does when the heartbeat stops
    run_waiting()
    mailing.refresh_from_db()
    assert states(mailing) == ["handed", "unknown", "handed", "handed"]
    assert mailing.state == State.DONE
    keys = [key for *_, key in recorder.sent]
    assert len(keys) == len(set(keys)) == 3
    assert mailing.messages.get(state="unknown").reason == "没有交完就中断"


def test_what_the_gateway_refuses_fails_and_the_others_go_on(cast, people, recorder):
    recorder.failing = {1: gateways.Refused("网关拒收（422）"), 3: gateways.Unsure("网关没有答复")}
    mailing = send(prepared(cast), cast.township)
    assert states(mailing) == ["failed", "handed", "unknown", "handed"]
    assert [one.reason for one in mailing.messages.order_by("pk")] == [
        "网关拒收（422）",
        "",
        "网关没有答复",
        "",
    ]
    assert mailing.state == State.DONE


def test_a_gateway_that_is_away_pauses_the_mailing_and_going_on_sends_the_rest(cast, people, recorder):
    recorder.failing = {3: gateways.Unreachable("连不上短信网关，请检查网络和网关地址。")}
    mailing = send(prepared(cast), cast.township)
    assert states(mailing) == ["handed", "handed", "waiting", "waiting"]
    assert (mailing.state, mailing.note) == (State.PAUSED, "连不上短信网关，请检查网络和网关地址。")
    assert "可以继续发送" in Job.objects.get().note
    assert send(mailing, cast.county).state == State.DONE
    assert len({key for *_, key in recorder.sent}) == len(recorder.sent) == 4


def test_a_fault_of_the_program_leaves_the_message_unknown_and_the_mailing_to_somebody(
    cast, people, recorder
):
    recorder.failing = {1: RuntimeError("13900000001")}
    mailing = send(prepared(cast), cast.township)
    assert states(mailing)[0] == "unknown"
    assert mailing.state == State.SENDING
    work.send_what_waits()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.note) == (State.PAUSED, work.BROKE_OFF)


def test_no_gateway_is_said_and_nothing_is_confirmed(cast, people, settings):
    settings.SMS_GATEWAY = "off"
    mailing = prepared(cast)
    with pytest.raises(NotAllowed, match="未配置短信网关"):
        actions.confirm(mailing, cast.township)
    mailing.refresh_from_db()
    assert mailing.state == State.DRAFT


def test_nobody_is_written_to_more_than_twice_a_week(cast, people, recorder, monkeypatch):
    text = template(cast)
    third = prepared(cast, text=text)  # frozen before the others were sent
    for _ in range(2):
        send(prepared(cast, text=text), cast.township)
    with pytest.raises(NotAllowed, match="本周已发满4人"):
        prepared(cast, text=text)
    assert states(send(third, cast.township)) == ["failed"] * 4
    assert {one.reason for one in third.messages.all()} == {"本周已发满"}
    at(monkeypatch, MORNING + dt.timedelta(days=7, minutes=1))
    assert prepared(cast, text=text).people == 4


def test_who_moved_away_or_lost_the_number_meanwhile_is_not_written_to(cast, people, recorder):
    mailing = prepared(cast)
    people[0].village = cast.units["99211"]
    people[0].save()
    people[1].phone = ""
    people[1].save()
    send(mailing, cast.township)
    assert states(mailing) == ["failed", "failed", "handed", "handed"]
    assert [one.reason for one in mailing.messages.order_by("pk")][:2] == ["已不在发送范围", "没有手机号"]


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"), [(7, 59, True), (8, 0, False), (20, 59, False), (21, 0, True)]
)
def test_nobody_is_written_to_at_night(cast, people, recorder, monkeypatch, hour, minute, quiet):
    mailing = prepared(cast)
    at(monkeypatch, dt.datetime(2023, 3, 18, hour, minute, tzinfo=CHINA))
    send(mailing, cast.township)
    work.send_what_waits()
    run_waiting()
    assert (recorder.sent == []) is quiet
    at(monkeypatch, dt.datetime(2023, 3, 19, 8, 0, tzinfo=CHINA))
    work.send_what_waits()
    run_waiting()
    assert len(recorder.sent) == 4


def test_the_evening_cuts_a_mailing_off_and_the_morning_goes_on(cast, people, recorder, monkeypatch):
    give = recorder.send

    def late(phone, text, key):
        at(monkeypatch, dt.datetime(2023, 3, 18, 21, 0, tzinfo=CHINA))
        return give(phone, text, key)

    monkeypatch.setattr(recorder, "send", late)
    mailing = send(prepared(cast), cast.township)
    assert (mailing.state, states(mailing)) == (State.SENDING, ["handed", "waiting", "waiting", "waiting"])
    monkeypatch.setattr(recorder, "send", give)
    at(monkeypatch, dt.datetime(2023, 3, 19, 8, 0, tzinfo=CHINA))
    work.send_what_waits()
    run_waiting()
    assert states(mailing) == ["handed"] * 4


def test_stopping_leaves_the_rest_unsent(cast, people, recorder):
    recorder.failing = {2: gateways.Unreachable("网关忙。")}
    mailing = send(prepared(cast), cast.township)
    actions.stop(mailing, cast.township)
    assert (mailing.state, states(mailing)) == (State.DONE, ["handed"] + ["failed"] * 3)
    draft = prepared(cast)
    actions.stop(draft, cast.township)
    assert (draft.state, draft.messages.count()) == (State.VOID, 0)
    with pytest.raises(NotAllowed, match="作废"):
        actions.confirm(draft, cast.township)


def test_stopping_while_the_gateway_does_not_answer_leaves_nothing_waiting(
    cast, people, recorder, monkeypatch
):
    mailing = prepared(cast)

    def away(phone, text, key):
        actions.stop(mailing, cast.township)
        raise gateways.Unreachable("网关忙。")

    monkeypatch.setattr(recorder, "send", away)
    send(mailing, cast.township)
    assert (mailing.state, states(mailing)) == (State.DONE, ["failed"] * 4)
    assert {one.reason for one in mailing.messages.all()} == {"停止发送"}


def test_a_second_worker_on_the_same_mailing_sends_nobody_anything_twice(cast, people, recorder, monkeypatch):
    mailing, give = prepared(cast), recorder.send
    actions.confirm(mailing, cast.township)

    def meanwhile(phone, text, key):  # while the first waits for the gateway, the second does all the rest
        monkeypatch.setattr(recorder, "send", give)
        sending.deliver(mailing, recorder, lambda done, total: None)
        return give(phone, text, key)

    monkeypatch.setattr(recorder, "send", meanwhile)
    sending.deliver(mailing, recorder, lambda done, total: None)
    assert sorted(key for *_, key in recorder.sent) == sorted(one.key for one in mailing.messages.all())
    assert states(mailing) == ["handed"] * 4


def test_who_lost_the_right_sends_no_more(cast, people, recorder):
    mailing = prepared(cast)
    actions.confirm(mailing, cast.township)
    work.start_sending(mailing, cast.township)
    cast.township.postings.update(until=dt.date(2023, 3, 1))
    run_waiting()
    mailing.refresh_from_db()
    assert (recorder.sent, mailing.state) == ([], State.PAUSED)


def test_receipts_tell_what_arrived(cast, people, recorder):
    mailing = send(prepared(cast), cast.township)
    first, second, *_ = mailing.messages.order_by("pk")
    recorder.arrived = {first.reference: True, second.reference: False, "of-somebody-else": True}
    work.start_receipts(mailing, cast.township)
    run_waiting()
    assert states(mailing) == ["delivered", "failed", "handed", "handed"]


def test_neither_number_nor_text_is_kept_logged_or_told(cast, people, recorder, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    recorder.failing = {2: RuntimeError(people[1].phone)}
    mailing = send(prepared(cast), cast.township)
    kept = [list(model.objects.values_list()) for model in (Message, Mailing, Job, AuditEntry)]
    told = "".join(map(str, kept)) + caplog.text + "".join(capsys.readouterr())
    assert [person.phone for person in people if person.phone in told or person.id_no in told] == []
    assert "您好" not in told
    assert (
        mailing.template.text_for(people[0].name, "甲东一村") == recorder.sent[0][1]
    )  # made again when asked for


# ── texts for groups ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_village_notes_that_it_passed_a_text_on_once(cast):
    text = template(cast, "991", "county", WECHAT)
    village = cast.units["99111"]
    for by in (cast.village, cast.township):
        assert actions.forward(text, village, by).by == cast.village
    assert Forwarding.objects.count() == 1
    assert AuditEntry.objects.filter(action="message.forward").count() == 1


def test_only_the_village_and_those_above_note_it(cast):
    text = template(cast, "991", "county", WECHAT)
    for by in (cast.neighbour_village, cast.auditor, cast.nobody):
        with pytest.raises(NotAllowed):
            actions.forward(text, cast.units["99111"], by)
    actions.switch_template(text, False, cast.county)
    text.refresh_from_db()
    with pytest.raises(NotAllowed, match="停用"):
        actions.forward(text, cast.units["99111"], cast.village)
