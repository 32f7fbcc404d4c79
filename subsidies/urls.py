"""Addresses of 补贴 and 培训."""

from django.urls import include, path

app_name = "subsidies"

urlpatterns = [
    path("", include("subsidies.schemes.urls")),
    path("claims/", include("subsidies.claims.urls")),
    path("", include("subsidies.screenings.urls")),
    path("training/", include("subsidies.training.urls")),
    path("", include("subsidies.batches.urls")),
]
