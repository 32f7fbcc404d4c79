"""For load balancers and monitors: is the process alive, and is all there that it needs. Says nothing about data."""

from __future__ import annotations

import datetime as dt
import shutil

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import public
from jobs.models import Job

LEAST_FREE = 200 * 1024 * 1024  # bytes
LATE_AFTER = dt.timedelta(minutes=15)  # a job that waits longer has nobody to do it


@public
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@public
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """503 with the names of what is missing; a broker that is away delays work but stops nobody."""
    checks = {"database": _database()}
    if checks["database"] == "ok":
        checks |= {"migrations": _migrations(), "jobs": _jobs()}
    checks |= {"disk": _disk(), "broker": _broker()}
    ready = all(checks[name] == "ok" for name in checks if name not in ("broker", "jobs"))
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", "checks": checks}, status=200 if ready else 503
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        return "unreachable"
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "pending" if plan else "ok"


def _jobs() -> str:
    oldest = Job.objects.waiting().aggregate(oldest=Min("created_at"))["oldest"]
    return "late" if oldest and timezone.now() - oldest > LATE_AFTER else "ok"


def _disk() -> str:
    return "ok" if shutil.disk_usage(settings.DATA_DIR).free > LEAST_FREE else "full"


def _broker() -> str:
    if not settings.REDIS_URL:
        return "none"
    from redis import Redis, RedisError

    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as client:
            client.ping()
    except RedisError:
        return "unreachable"
    return "ok"
