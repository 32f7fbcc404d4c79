"""The top room as an application: its commands and its checks at the start."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks  # noqa: F401 - registers the checks
