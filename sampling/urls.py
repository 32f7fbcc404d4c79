"""Addresses of spot checks."""

from django.urls import path

from sampling import views

app_name = "sampling"

urlpatterns = [
    path("", views.campaigns, name="list"),
    path("new/", views.campaign_new, name="campaign_new"),
    path("<key:pk>/", views.campaign, name="campaign"),
    path("<key:pk>/calls/", views.calls, name="calls"),
    path("<key:pk>/export/", views.export, name="export"),
    path("calls/<key:pk>/", views.call, name="call"),
    path("calls/<key:pk>/reveal/", views.reveal, name="reveal"),
]
