from django.apps import AppConfig


class SubsidiesConfig(AppConfig):
    name = "subsidies"
    verbose_name = "补贴与宣传"

    def ready(self) -> None:
        from accounts import merging
        from subsidies.merging import bring_over

        merging.follow(bring_over)
