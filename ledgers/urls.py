"""Addresses of the ledger."""

from django.urls import path

from ledgers.views import lists, months, people

app_name = "ledgers"

urlpatterns = [
    path("", lists.records, name="list"),
    path("export/", lists.export, name="export"),
    path("people/<int:pk>/", people.laborer, name="laborer"),
    path("people/<int:pk>/edit/", people.laborer_edit, name="laborer_edit"),
    path("people/<int:pk>/consequence/", people.consequence, name="consequence"),
    path("people/<int:pk>/verify/<month:month>/", people.verify, name="verify"),
    path("people/<int:pk>/reveal/<slug:field>/", people.reveal, name="reveal"),
    path("months/", months.months, name="months"),
    path("months/<str:code>/<month:month>/open/", months.open_month, name="open_month"),
    path("months/<str:code>/<month:month>/close/", months.close_month, name="close_month"),
    path("months/<str:code>/<month:month>/reopen/", months.reopen_month, name="reopen_month"),
]
