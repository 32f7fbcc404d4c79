"""Addresses of the dashboard, the rows behind numbers, targets, bulletins and the health checks."""

from django.urls import path

from reports.views import awareness, benefits, bulletins, dashboard, health, rows, sentences, targets

app_name = "reports"

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<str:code>/<month:month>/", dashboard.dashboard, name="dashboard"),
    path("dashboard/<str:code>/<month:month>/benefits/", benefits.benefits, name="benefits"),
    path("dashboard/rows/<str:figure>/<str:code>/<month:month>/", rows.rows, name="rows"),
    path("targets/", targets.targets, name="targets"),
    path("targets/bases/", targets.baselines, name="baselines"),
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/new/", bulletins.bulletin_new, name="bulletin_new"),
    path("bulletins/<uuid:pk>/", bulletins.bulletin, name="bulletin"),
    path("bulletins/<uuid:pk>/text/", sentences.sentences, name="bulletin_edit"),
    path("bulletins/<uuid:pk>/text/<slug:name>/", sentences.sentence, name="bulletin_edit"),
    path("bulletins/<uuid:pk>/refresh/", bulletins.bulletin_refresh, name="bulletin_refresh"),
    path("bulletins/<uuid:pk>/submit/", bulletins.bulletin_submit, name="bulletin_submit"),
    path("bulletins/<uuid:pk>/return/", bulletins.bulletin_return, name="bulletin_return"),
    path("bulletins/<uuid:pk>/publish/", bulletins.bulletin_publish, name="bulletin_publish"),
    path("bulletins/<uuid:pk>/reopen/", bulletins.bulletin_reopen, name="bulletin_reopen"),
    path("bulletins/<uuid:pk>/versions/", bulletins.bulletin_versions, name="bulletin_versions"),
    path("bulletins/<uuid:pk>/file/<slug:fmt>/", bulletins.bulletin_file, name="bulletin_file"),
    path("awareness/<key:pk>/", awareness.awareness, name="awareness"),
    path("healthz/", health.healthz, name="healthz"),
    path("readyz/", health.readyz, name="readyz"),
]
