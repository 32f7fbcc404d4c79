"""Every address of the application. Each view declares who may use it; the rest answers 404."""

from django.urls import include, path
from django.urls.converters import register_converter
from django.views.generic import RedirectView

from accounts.access import public
from lib.month import MonthConverter
from reports.views import home

register_converter(MonthConverter, "month")

urlpatterns = [
    path("", public(RedirectView.as_view(pattern_name="home")), name="start"),
    path("home/", home.home, name="home"),
    path("", include("reports.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("jobs.urls")),  # jobs/ and imports/
    path("ledgers/", include("ledgers.urls")),
    path("sampling/", include("sampling.urls")),
]

handler500 = "config.errors.server_error"  # 503 where trying again will help
