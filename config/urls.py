"""Every address of the application. Each view declares who may use it; the rest answers 404."""

from django.urls import include, path
from django.urls.converters import IntConverter, register_converter
from django.views.generic import RedirectView

from accounts.access import public
from accounts.views import device
from lib.month import MonthConverter
from reports.views import home


class KeyConverter(IntConverter):
    """``<key:pk>``: the number of a row. Digits that no database can hold do not match, so the answer is 404."""

    regex = "[0-9]{1,18}"


register_converter(MonthConverter, "month")
register_converter(KeyConverter, "key")

urlpatterns = [
    path("", public(RedirectView.as_view(pattern_name="home")), name="start"),
    path("home/", home.home, name="home"),
    path("", include("reports.urls")),
    path("offline/", device.offline, name="offline"),
    path("worker.js", device.worker, name="worker"),
    path("accounts/", include("accounts.urls")),
    path("", include("jobs.urls")),  # jobs/ and imports/
    path("ledgers/", include("ledgers.urls")),
    path("sampling/", include("sampling.urls")),
    path("posts/", include("posts.urls")),
    path("subsidies/", include("subsidies.urls")),
    path("publicity/", include("subsidies.messages.urls")),
]

handler500 = "config.errors.server_error"  # 503 where trying again will help
