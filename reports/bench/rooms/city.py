"""Fill all rooms of the city at once."""

from __future__ import annotations

from django.db import connection, transaction

from accounts.models import User
from posts.models import Attendance, PostPay
from reports.bench.rooms import posts, subsidies, training
from reports.demo import fast, load
from subsidies.models import Claim, PaymentBatch, Screened


def fill() -> str:
    """What a year leaves in posts, pay, workshops, training and subsidies; on top of the demo city."""
    users = {key: User.objects.get(username=name) for key, (name, *_) in load.USERS.items()}
    with fast.relaxed(), transaction.atomic():
        posts.fill(users)
        training.fill(users)
        subsidies.fill(users)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return _told()


def _told() -> str:
    models = (Attendance, PostPay, Screened, Claim, PaymentBatch)
    return ", ".join(f"{model.objects.count():,} {model._meta.verbose_name}" for model in models)
