"""Addresses of the ledger."""

from django.urls import path

from ledgers.views import deadlines, lists, mine, months, papers, people

app_name = "ledgers"

urlpatterns = [
    path("", lists.records, name="list"),
    path("export/", lists.export, name="export"),
    path("mine/", mine.mine, name="mine"),
    path("people/<key:pk>/", people.laborer, name="laborer"),
    path("people/<key:pk>/edit/", people.laborer_edit, name="laborer_edit"),
    path("people/<key:pk>/consequence/", people.consequence, name="consequence"),
    path("people/<key:pk>/contact/<month:month>/", mine.contact, name="contact"),
    path("people/<key:pk>/contact/<month:month>/undo/", mine.contact_undo, name="contact_undo"),
    path("people/<key:pk>/dial/", mine.dial, name="dial"),
    path("people/<key:pk>/reveal/<slug:field>/", people.reveal, name="reveal"),
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
