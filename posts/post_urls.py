"""Addresses of 公益性岗位, below /posts/."""

from django.urls import path

from posts.views import people_of_posts as people
from posts.views import posts

urlpatterns = [
    path("", posts.post_list, name="list"),
    path("new/", posts.post_new, name="new"),
    path("policy/", posts.policy, name="policy"),
    path("<key:pk>/", posts.post_page, name="post"),
    path("<key:pk>/<slug:step>/", people.post_step, name="post_step"),
    path("candidates/<key:pk>/", people.candidate, name="candidate"),
    path("candidates/<key:pk>/<slug:step>/", people.candidate_step, name="candidate_step"),
    path("appointments/<key:pk>/", people.appointment, name="appointment"),
    path("appointments/<key:pk>/<slug:step>/", people.appointment_step, name="appointment_step"),
]
