from django.apps import AppConfig


class LedgersConfig(AppConfig):
    name = "ledgers"
    verbose_name = "台账"

    def ready(self) -> None:
        """People follow their village."""
        from accounts import merging
        from ledgers.merging import bring_over

        merging.follow(bring_over)
