"""Every address of the application. Each view declares who may use it; the rest answers 404."""

from django.urls import include, path
from django.urls.converters import register_converter

from lib.month import MonthConverter

register_converter(MonthConverter, "month")

urlpatterns = [
    path("", include("reports.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("jobs.urls")),  # jobs/ and imports/
    path("ledgers/", include("ledgers.urls")),
    path("sampling/", include("sampling.urls")),
]
