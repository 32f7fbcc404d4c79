"""Addresses of 筛查, below those of the room."""

from django.urls import path

from subsidies.screenings import pages

urlpatterns = [
    path("screenings/", pages.screenings, name="screenings"),
    path("screenings/start/", pages.screening_start, name="screening_start"),
    path("screenings/export/", pages.screening_export, name="screening_export"),
    path("screenings/<key:pk>/", pages.screening, name="screening"),
    path("screenings/lines/<key:pk>/", pages.screened, name="screened"),
    path("screenings/lines/<key:pk>/reason/", pages.screened_reason, name="screened_reason"),
    path("screenings/people/<key:pk>/", pages.screened_person, name="screened_person"),
]
