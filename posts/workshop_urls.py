"""Addresses of 车间, below posts/workshops/."""

from django.urls import path

from posts.views import awards, deciding, placements, shop_accounts, workshops

urlpatterns = [
    path("", workshops.workshops, name="workshops"),
    path("new/", workshops.workshop_new, name="workshop_new"),
    path("standard/", awards.workshop_standard, name="workshop_standard"),
    path("<key:pk>/", workshops.workshop, name="workshop"),
    path("<key:pk>/edit/", workshops.workshop_edit, name="workshop_edit"),
    path("<key:pk>/withdraw/", workshops.workshop_withdraw, name="workshop_withdraw"),
    path("<key:pk>/decide/", deciding.workshop_decide, name="workshop_decide"),
    path("<key:pk>/review/", deciding.workshop_review, name="workshop_review"),
    path("<key:pk>/resume/", deciding.workshop_resume, name="workshop_resume"),
    path("<key:pk>/end/<slug:how>/", deciding.workshop_end, name="workshop_end"),
    path("<key:pk>/place/", placements.placement_new, name="placement_new"),
    path("<key:pk>/award/", awards.award_new, name="award_new"),
    path("<key:pk>/account/", shop_accounts.workshop_account, name="workshop_account"),
    path(
        "accounts/<key:pk>/confirm/", shop_accounts.workshop_account_confirm, name="workshop_account_confirm"
    ),
    path("reviews/<key:pk>/revoke/", deciding.workshop_revoke, name="workshop_revoke"),
    path("placements/<key:pk>/edit/", placements.placement_edit, name="placement_edit"),
    path("placements/<key:pk>/leave/", placements.placement_leave, name="placement_leave"),
    path("awards/<key:pk>/", awards.award, name="award"),
]
