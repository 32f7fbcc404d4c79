#!/usr/bin/env python
"""Django's command line for 稳岗台账."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("WALL_OPEN", "1")  # a command is the system's own work: accounts/wall.py
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, connection

    try:
        execute_from_command_line(sys.argv)
    except OperationalError as error:
        if connection.connection is not None:
            raise
        from config.checks import unreachable

        sys.stderr.write(f"{unreachable(error)}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
