"""Addresses of claims, below /subsidies/claims/ and in the names of subsidies."""

from django.urls import path

from subsidies.claims.views import beginning, lists, notices, one, waivers

urlpatterns = [
    path("", lists.claims, name="claims"),
    path("decide/", lists.claims_decide, name="claims_decide"),
    path("export/", lists.claims_export, name="claims_export"),
    path("of/<key:pk>/", lists.claims_of, name="claims_of"),
    path("new/<key:pk>/", beginning.claim_new, name="claim_new"),
    path("waive/<key:pk>/", beginning.waiver_new, name="waiver_new"),
    path("notices/", notices.notices, name="notices"),
    path("notices/new/<key:pk>/", notices.notice_new, name="notice_new"),
    path("notices/<key:pk>/", notices.notice, name="notice"),
    path("notices/<key:pk>/print/", notices.notice_print, name="notice_print"),
    path("notices/<key:pk>/photo/", notices.notice_photo, name="notice_photo"),
    path("waivers/", waivers.waivers, name="waivers"),
    path("waivers/<key:pk>/withdraw/", waivers.waiver_withdraw, name="waiver_withdraw"),
    path("waivers/<key:pk>/mark/", waivers.waiver_mark, name="waiver_mark"),
    path("waivers/<key:pk>/file/", waivers.waiver_file, name="waiver_file"),
    path("papers/<key:pk>/", one.paper_file, name="claim_paper_file"),
    path("<key:pk>/", one.claim, name="claim"),
    path("<key:pk>/step/", one.claim_step, name="claim_step"),
    path("<key:pk>/again/", beginning.claim_again, name="claim_again"),
    path("<key:pk>/papers/", one.claim_paper, name="claim_paper"),
    path("<key:pk>/consent/", one.consent_file, name="claim_consent"),
]
