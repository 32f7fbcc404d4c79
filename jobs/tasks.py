"""What a Celery worker does: one job, or the tick."""

from celery import shared_task

from jobs import dispatch, runner


@shared_task
def run(job_id: str) -> None:
    runner.run(job_id, watched=True)


@shared_task
def tick() -> None:
    dispatch.tick()
