"""Jobs in threads and in other processes: what a second worker, a kill and a lost message leave behind."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from django.db import connections, transaction

from accounts.models import Region
from jobs import actions, dispatch, imports, runner
from jobs.models import ImportBatch, Job
from tests import cast as casting
from tests.jobs.conftest import workbook
from tests.stack import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [[f"99{n:04d}", f"地{n}"] for n in range(30)]


@pytest.fixture(autouse=True)
def no_places_left(transactional_db: None):
    """Regions are constants that outlive a transactional test."""
    yield
    Region.objects.filter(code__startswith="99").delete()


def until(condition, seconds: float = 30) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        threading.Event().wait(0.05)


def test_without_a_broker_threads_of_this_process_do_the_work(cast, works) -> None:
    names = []
    works["demo"] = lambda job: names.append(threading.current_thread().name)
    with dispatch.in_this_process():
        actions.start("demo", owner=cast.village, title="小")
        actions.start("demo", owner=cast.village, title="大", queue="big")
    assert sorted(names) == ["jobs-big", "jobs-small"]
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_a_rolled_back_request_starts_nothing(cast, works) -> None:
    with dispatch.in_this_process(), transaction.atomic():
        actions.start("demo", owner=cast.village, title="小")
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_two_workers_with_the_same_job_do_it_once(cast, works) -> None:
    runs = []
    works["demo"] = lambda job: runs.append(1)
    job = actions.start("demo", owner=cast.village, title="演示")
    together(lambda: runner.run(job.pk), 4)
    assert runs == [1]


def test_two_people_confirming_at_once_write_once(cast, places) -> None:
    batch = imports.stage(workbook(ROWS), "x.xlsx", "places", cast.units["99111"], None, cast.village)
    outcomes = []

    def confirm() -> None:
        try:
            imports.confirm(ImportBatch.objects.get(pk=batch.pk), cast.village)
            outcomes.append("written")
        except imports.NotNow:
            outcomes.append("told")

    together(confirm, 3)
    assert sorted(outcomes) == ["told", "told", "written"]
    assert Region.objects.filter(code__startswith="99").count() == 30


def together(action, times: int) -> None:
    """Run the action in so many threads that start at the same moment."""
    barrier = threading.Barrier(times)

    def one() -> None:
        try:
            barrier.wait()
            action()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


KILLED_BEFORE_COMMIT = """
import os, signal, django
django.setup()
from django.core.management import call_command
from lib.staging import KINDS
from tests.jobs.demo_kind import Places
class Killed(Places):
    def finish(self, context):
        os.kill(os.getpid(), signal.SIGKILL)
KINDS["places"] = Killed()
call_command("import_workbook", {path!r}, "--kind", "places", "--unit", "99111", "--as", "cun", "--confirm", "--json")
"""


def test_a_killed_confirmation_leaves_the_old_state_and_can_be_repeated(
    places, test_environment, tmp_path, capsys
) -> None:
    cast = casting.build()
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(ROWS))
    environment = test_environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    program = KILLED_BEFORE_COMMIT.format(path=str(path))
    done = subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, capture_output=True)
    assert done.returncode == -9, done.stderr.decode()[-2000:]
    assert not Region.objects.filter(code__startswith="99").exists()
    assert ImportBatch.objects.get().state == "staged"
    again = imports.stage(path, path.name, "places", cast.units["99111"], None, cast.village)
    imports.confirm(again, cast.village)
    assert Region.objects.filter(code__startswith="99").count() == 30


@pytest.mark.stack
def test_a_worker_of_its_own_takes_the_job_once_however_often_it_is_told(cast, celery_worker_process) -> None:
    job = actions.start("nothing", owner=cast.village, title="演示")
    dispatch.dispatch(job.pk, job.queue)
    dispatch.dispatch(job.pk, job.queue)

    def over() -> bool:
        job.refresh_from_db()
        return job.is_finished

    until(over)
    assert (job.attempt, job.state) == (1, "failed")
    assert "不认识任务种类" in job.note


@pytest.mark.stack
def test_a_job_whose_message_was_lost_is_handed_out_by_the_tick(
    cast, celery_worker_process, settings
) -> None:
    broker, settings.REDIS_URL = settings.REDIS_URL, ""
    job = actions.start("nothing", owner=cast.village, title="演示")
    settings.REDIS_URL = broker
    dispatch.tick()

    def over() -> bool:
        job.refresh_from_db()
        return job.is_finished

    until(over)
