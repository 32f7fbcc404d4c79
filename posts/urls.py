"""Addresses of 公益性岗位 and 帮扶车间."""

from django.urls import URLPattern

app_name = "posts"

urlpatterns: list[URLPattern] = []
