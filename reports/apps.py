from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "统计与通报"

    def ready(self) -> None:
        """Figures hear of changed facts."""
        from lib import changes
        from reports.rollup import mark_stale

        changes.listen(mark_stale)
