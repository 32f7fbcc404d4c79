"""Addresses of 公益性岗位 and 帮扶车间."""

from django.urls import include, path

app_name = "posts"

urlpatterns = [
    path("workshops/", include("posts.workshop_urls")),
<<<<<<< HEAD
    path("", include("posts.post_urls")),
=======
    path("months/", include("posts.month_urls")),
>>>>>>> ac753a1 (Months of posts have their pages and workbooks: sheets on a phone, pay runs, ledger beside sheet beside payroll, assessment, arrears)
]
