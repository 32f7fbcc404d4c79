"""The Celery application; used only when REDIS_URL is set (see jobs/tasks.py)."""

import logging
import os

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("wengang")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@after_setup_logger.connect
@after_setup_task_logger.connect
def write_as_the_web_does(logger: logging.Logger, **options: object) -> None:
    """Celery brings handlers of its own, which would print the messages of exceptions: dress them like ours."""
    from django.conf import settings

    from lib.logs import JsonFormatter, PlainFormatter

    for handler in logger.handlers:
        handler.setFormatter(JsonFormatter() if settings.LOG_FORMAT == "json" else PlainFormatter())
