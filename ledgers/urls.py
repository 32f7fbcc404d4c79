"""Addresses of the ledger."""

from django.urls import path

from ledgers.views import collection, deadlines, lists, mine, months, papers, people, review

app_name = "ledgers"

urlpatterns = [
    path("", lists.records, name="list"),
    path("export/", lists.export, name="export"),
    path("mine/", mine.mine, name="mine"),
    path("people/<key:pk>/", people.laborer, name="laborer"),
    path("people/<key:pk>/contact/<month:month>/", mine.contact, name="contact"),
    path("people/<key:pk>/contact/<month:month>/undo/", mine.contact_undo, name="contact_undo"),
    path("people/<key:pk>/dial/", mine.dial, name="dial"),
    path("people/<key:pk>/reveal/<slug:field>/", people.reveal, name="reveal"),
    path("people/<key:pk>/form/<month:month>/", collection.form, name="form"),
    path("forms/", review.form_review, name="form_review"),
    path("forms/decide/", review.forms_decide, name="forms_decide"),
    path("forms/new/", collection.form_new, name="form_new"),
    path("forms/<key:pk>/", collection.form_page, name="form_page"),
    path("forms/<key:pk>/fields/", collection.form_fields, name="form_fields"),
    path("forms/<key:pk>/catch-up/", collection.form_catch_up, name="form_catch_up"),
    path("forms/<key:pk>/sign/", collection.form_sign, name="form_sign"),
    path("forms/<key:pk>/papers/<key:paper>/", collection.form_paper, name="form_paper"),
    path("forms/<key:pk>/submit/", collection.form_submit, name="form_submit"),
    path("forms/<key:pk>/withdraw/", collection.form_withdraw, name="form_withdraw"),
    path("forms/<key:pk>/decide/", review.form_decide, name="form_decide"),
    path("forms/<key:pk>/reveal/<slug:field>/", collection.form_reveal, name="form_reveal"),
    path("people/<key:pk>/print/<month:month>/", papers.print_person, name="form_print"),
    path("papers/", papers.papers, name="papers"),
    path("papers/print/", papers.print_unit, name="papers_print"),
    path("papers/take/", papers.take, name="papers_take"),
    path("papers/handovers/", papers.handover_new, name="handover_new"),
    path("papers/handovers/<key:pk>/", papers.handover_page, name="handover"),
    path("papers/handovers/<key:pk>/received/", papers.handover_receive, name="handover_receive"),
    path("papers/handovers/<key:pk>/again/", papers.handover_again, name="handover_again"),
    path("months/", months.months, name="months"),
    path("months/<str:code>/<month:month>/open/", months.open_month, name="open_month"),
    path("months/<str:code>/<month:month>/close/", months.close_month, name="close_month"),
    path("months/<str:code>/<month:month>/reopen/", months.reopen_month, name="reopen_month"),
    path("months/<str:code>/deadline/", deadlines.deadline, name="deadline"),
    path("months/<str:code>/<month:month>/exception/", deadlines.exception_new, name="exception_new"),
    path("months/exceptions/<key:pk>/end/", deadlines.exception_end, name="exception_end"),
]
