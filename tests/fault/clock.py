"""The web application with a clock that is CLOCK_OFFSET seconds off: a WSGI module for gunicorn."""

import os
import time

OFFSET = float(os.environ["CLOCK_OFFSET"])
_true = time.time
time.time = lambda: _true() + OFFSET

from django.utils import timezone  # noqa: E402 - after the clock

_now = timezone.now
timezone.now = lambda: _now() + __import__("datetime").timedelta(seconds=OFFSET)

from config.wsgi import application  # noqa: E402, F401
