from django.apps import AppConfig


class SamplingConfig(AppConfig):
    name = "sampling"
    verbose_name = "抽查"

    def ready(self) -> None:
        """A sampler reads the people drawn, wherever they live."""
        from accounts import wall
        from sampling.models import Call

        wall.lend(Call.objects.villages_lent_to)
