"""A Celery application that takes a job for lost after five seconds, and a job that needs longer.

Redis looks for unacknowledged messages seldom by default: only these three settings together double a delivery.
"""

import os
import time
from pathlib import Path

from celery.signals import task_prerun

from config.celery import app

app.conf.broker_transport_options = {
    "visibility_timeout": 5,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
SECONDS = 20


@task_prerun.connect
def note(task_id: str, **options: object) -> None:
    """One line per delivery."""
    with Path(os.environ["DELIVERIES"]).open("a") as log:
        log.write(f"{task_id}\n")


@app.on_after_finalize.connect
def register(sender: object, **options: object) -> None:
    """The slow job, known once the applications are loaded."""
    from accounts.audit import record
    from jobs.runner import Running, work

    @work("fault.slow")
    def slow(job: Running) -> dict:
        for second in range(SECONDS):
            job.progress(second, SECONDS)
            time.sleep(1)
        record("fault.slow", job.owner, job.job)
        return {}
