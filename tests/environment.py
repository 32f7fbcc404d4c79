"""The environment of a test run, set before Django reads its settings (pytest loads this first, see pyproject.toml).

Every run has throw-away data and keys of its own; every parallel worker has its own folder and its own Redis
database, so that the Celery worker of one never takes the tasks of another. DATABASE_URL and REDIS_URL stay as given.
"""

import atexit
import os
import tempfile
from urllib.parse import urlsplit

for name in (
    "MODE",
    "DEBUG",
    "DEMO",
    "SECRET_KEY",
    "FIELD_KEYS",
    "INDEX_KEY",
    "FIELD_CIPHER",
    "ALLOWED_HOSTS",
):
    os.environ.pop(name, None)

# City and administrators sign in with their password alone, except where a test says settings.TOTP = True.
os.environ["TOTP"] = "off"

# Playwright keeps an event loop in the test's own thread; the ORM calls of that thread are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    os.environ["DATA_DIR"] = os.path.join(os.environ["DATA_DIR"], worker)
    if redis_url := os.environ.get("REDIS_URL"):
        database = int(worker.removeprefix("gw")) + 1
        os.environ["REDIS_URL"] = urlsplit(redis_url)._replace(path=f"/{database}").geturl()
else:
    folder = tempfile.TemporaryDirectory(prefix="ledger-tests-")
    atexit.register(folder.cleanup)
    os.environ["DATA_DIR"] = folder.name
