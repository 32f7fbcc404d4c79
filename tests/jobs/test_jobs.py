"""A job runs once, tells how far it is, and ends with a sentence, whatever happens to its worker."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from jobs import actions, dispatch, runner
from jobs.models import Job

pytestmark = pytest.mark.django_db


def started(cast, **fields) -> Job:
    return actions.start("demo", owner=cast.village, title="演示任务", **fields)


def dead(job: Job, attempt: int) -> Job:
    """The worker of this attempt stopped beating two minutes ago."""
    Job.objects.filter(pk=job.pk).update(
        state="running", attempt=attempt, heartbeat_at=timezone.now() - dt.timedelta(minutes=2)
    )
    job.refresh_from_db()
    return job


def test_a_job_runs_with_its_parameters_and_keeps_its_result(cast, works) -> None:
    def demo(job: runner.Running) -> dict:
        job.progress(3, 3, "读完")
        return {"sum": sum(job.params["numbers"])}

    works["demo"] = demo
    job = started(cast, params={"numbers": [1, 2]})
    assert runner.run_waiting() == 1
    job.refresh_from_db()
    assert (job.state, job.result, job.done, job.note, job.attempt) == ("done", {"sum": 3}, 3, "读完", 1)
    assert job.finished_at is not None


def test_a_job_is_handed_out_only_when_its_transaction_commits(
    cast, works, monkeypatch, django_capture_on_commit_callbacks
) -> None:
    heard = []
    monkeypatch.setattr(actions, "dispatch", lambda job_id, queue: heard.append((job_id, queue)))
    with django_capture_on_commit_callbacks(execute=True):
        job = started(cast, queue="big")
        assert heard == []
    assert heard == [(job.pk, "big")]


def test_a_second_delivery_does_nothing(cast, works) -> None:
    runs = []
    works["demo"] = lambda job: runs.append(job.job.attempt)
    job = started(cast)
    runner.run(job.pk)
    runner.run(job.pk)
    assert runs == [1]


def test_an_attempt_that_was_given_up_changes_nothing_any_more(cast, works) -> None:
    def slow(job: runner.Running) -> dict:
        Job.objects.filter(pk=job.job.pk).update(attempt=2, note="第二次")
        job.beat()
        job.progress(1, 2, "第一次")
        raise AssertionError("not reached")

    works["demo"] = slow
    job = started(cast)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.note) == ("running", 2, "第二次")


def test_the_end_of_an_old_attempt_is_ignored(cast, works) -> None:
    works["demo"] = lambda job: Job.objects.filter(pk=job.job.pk).update(attempt=2) and {"old": True}
    job = started(cast)
    runner.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == ("running", {})


def test_a_job_whose_worker_died_is_done_again(cast, works) -> None:
    works["demo"] = lambda job: {"attempt": job.job.attempt}
    job = dead(started(cast), attempt=1)
    assert dispatch.tick()["revived"] == 1
    runner.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"attempt": 2})


def test_a_beating_job_is_left_alone(cast, works) -> None:
    job = started(cast)
    Job.objects.filter(pk=job.pk).update(state="running", attempt=1, heartbeat_at=timezone.now())
    assert dispatch.tick()["revived"] == 0


def test_the_third_death_ends_a_job_with_a_sentence(cast, works) -> None:
    job = dead(started(cast), attempt=3)
    dispatch.tick()
    job.refresh_from_db()
    assert (job.state, job.note) == ("failed", "任务多次中断，已停止，请联系管理员。")


def test_what_waits_is_handed_out_again_by_the_tick(cast, works, monkeypatch) -> None:
    heard = []
    job = started(cast)
    monkeypatch.setattr(dispatch, "dispatch", lambda job_id, queue: heard.append(job_id))
    dispatch.tick()
    dispatch.tick()
    assert heard == [job.pk]  # the second tick follows too soon


def test_a_broker_that_is_away_is_no_error(cast, settings, monkeypatch, caplog) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(
        "jobs.tasks.run.apply_async", lambda *args, **kwargs: (_ for _ in ()).throw(ConnectionError("secret"))
    )
    job = started(cast)
    dispatch.dispatch(job.pk, job.queue)
    job.refresh_from_db()
    assert job.state == "queued"
    assert "ConnectionError" in caplog.text
    assert "secret" not in caplog.text


def test_an_error_is_told_in_words_and_logged_without_its_message(cast, works, caplog) -> None:
    def broken(job: runner.Running) -> None:
        raise ValueError("张三 990101198506150015")

    works["demo"] = broken
    job = started(cast)
    runner.run_waiting()
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.note.startswith("任务没有完成，已有数据没有改动。")
    assert "ValueError" in caplog.text
    assert "9901" not in caplog.text + job.note


def test_a_refusal_reaches_the_owner_word_for_word(cast, works) -> None:
    def refuse(job: runner.Running) -> None:
        raise runner.Failure("没有可导出的行，请换一个月份。")

    works["demo"] = refuse
    job = started(cast)
    runner.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.note) == ("failed", "没有可导出的行，请换一个月份。")


def test_a_lost_database_costs_an_attempt_not_the_job(cast, works) -> None:
    def flaky(job: runner.Running) -> dict:
        if job.job.attempt == 1:
            raise OperationalError
        return {"ok": True}

    works["demo"] = flaky
    job = started(cast)
    runner.run_waiting()
    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 2)


def test_the_same_key_joins_the_live_job_and_starts_anew_after_it(cast, works) -> None:
    works["demo"] = lambda job: None
    first = started(cast, key="figures:2023-03")
    assert started(cast, key="figures:2023-03") == first
    runner.run_waiting()
    assert started(cast, key="figures:2023-03") != first


def test_an_unknown_kind_says_so(cast, works) -> None:
    job = started(cast)
    runner.run_waiting()
    job.refresh_from_db()
    assert "不认识任务种类" in job.note


def test_the_tick_command_finishes_what_waits(cast, works, capsys) -> None:
    works["demo"] = lambda job: None
    started(cast)
    call_command("tick", "--json")
    assert '"finished": 1' in capsys.readouterr().out
