"""Addresses of 补贴政策, below those of the room."""

from django.urls import path

from subsidies.schemes.views import pages, trials, writing

urlpatterns = [
    path("schemes/", pages.schemes, name="schemes"),
    path("schemes/new/", writing.scheme_new, name="scheme_new"),
    path("schemes/<key:pk>/", pages.scheme, name="scheme"),
    path("schemes/<key:pk>/edit/", writing.scheme_edit, name="scheme_edit"),
    path("schemes/<key:pk>/next/", writing.scheme_next, name="scheme_next"),
    path("schemes/<key:pk>/try/", pages.scheme_try, name="scheme_try"),
    path("schemes/<key:pk>/approve/", pages.scheme_approve, name="scheme_approve"),
    path("schemes/<key:pk>/void/", pages.scheme_void, name="scheme_void"),
    path("schemes/trials/<key:pk>/", trials.trial, name="trial"),
]
