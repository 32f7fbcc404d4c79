"""The WSGI entry point for gunicorn."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["WALL_OPEN"] = "0"  # whoever is served sees their own people only: accounts/wall.py
BOOT_FAILED = 3  # the exit code at which gunicorn gives up instead of starting the worker again and again
try:
    application = get_wsgi_application()
except SystemExit:
    raise SystemExit(BOOT_FAILED) from None

from config.checks import fault_at_start  # noqa: E402 — models exist only now
from jobs.dispatch import serve  # noqa: E402

if fault := fault_at_start():
    sys.stderr.write(f"稳岗台账无法启动：{fault}\n")
    raise SystemExit(BOOT_FAILED)
serve()
