"""The short selection of `make fault`, on the database of this run."""

import os
import subprocess
import sys

from django.db import connection

from tests.stack import ROOT


def test_killed_web_workers_and_imports_lose_and_double_nothing():
    kind = "sqlite" if connection.vendor == "sqlite" else "postgres"
    command = [sys.executable, "-m", "tests.fault", "--short", "--database", kind]
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")
    }
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
