"""Addresses of spot checks."""

from django.urls import path

from sampling import views

app_name = "sampling"

urlpatterns = [
    path("", views.campaigns, name="list"),
    path("new/", views.campaign_new, name="campaign_new"),
    path("<int:pk>/", views.campaign, name="campaign"),
    path("<int:pk>/calls/", views.calls, name="calls"),
    path("<int:pk>/export/", views.export, name="export"),
    path("calls/<int:pk>/", views.call, name="call"),
    path("calls/<int:pk>/reveal/", views.reveal, name="reveal"),
]
