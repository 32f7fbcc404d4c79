from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "任务"

    def ready(self) -> None:
        """Load every room's workbooks, long work and lines of the home page, which register themselves."""
        autodiscover_modules("imports", "exports", "work", "todos")
