from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "任务"

    def ready(self) -> None:
        """Load every room's kinds of workbook and kinds of long work, which register themselves."""
        autodiscover_modules("imports", "exports", "work")
