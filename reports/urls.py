"""Addresses of the dashboard, the rows behind numbers, targets, bulletins and the health checks."""

from django.urls import path

from reports.views import dashboard, health, rows, targets

app_name = "reports"

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<str:code>/<month:month>/", dashboard.dashboard, name="dashboard"),
    path("dashboard/rows/<str:figure>/<str:code>/<month:month>/", rows.rows, name="rows"),
    path("targets/", targets.targets, name="targets"),
    path("targets/bases/", targets.baselines, name="baselines"),
    path("healthz/", health.healthz, name="healthz"),
    path("readyz/", health.readyz, name="readyz"),
]
