"""Addresses of 公益性岗位 and 帮扶车间."""

from django.urls import include, path

app_name = "posts"

urlpatterns = [
    path("workshops/", include("posts.workshop_urls")),
    path("months/", include("posts.month_urls")),
    path("", include("posts.post_urls")),
]
