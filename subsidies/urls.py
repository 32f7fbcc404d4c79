"""Addresses of 补贴 and 培训."""

from django.urls import URLPattern

app_name = "subsidies"

urlpatterns: list[URLPattern] = []
