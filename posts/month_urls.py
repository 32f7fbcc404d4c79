"""Addresses of 考勤, 工资, 三方比对, 考核 and 欠发, below posts/months/."""

from django.urls import path

from posts.views import attendance, pay, sides

urlpatterns = [
    path("", attendance.months, name="months"),
    path("<month:month>/", attendance.attendance, name="attendance"),
    path("<month:month>/sheet/<str:code>/", attendance.sheet, name="sheet"),
    path("<month:month>/sheet/<str:code>/fill/", attendance.sheet_fill, name="sheet_fill"),
    path("<month:month>/sheet/<str:code>/paper/", attendance.sheet_paper, name="sheet_paper"),
    path("<month:month>/sheet/<str:code>/sign/", attendance.sheet_sign, name="sheet_sign"),
    path("<month:month>/sheet/<str:code>/check/", attendance.sheet_check, name="sheet_check"),
    path("<month:month>/sheet/<str:code>/return/", attendance.sheet_return, name="sheet_return"),
    path("<month:month>/pay/", pay.pay, name="pay"),
    path("<month:month>/pay/new/", pay.run_new, name="run_new"),
    path("<month:month>/sides/", sides.sides, name="sides"),
    path("<month:month>/arrears/", sides.arrears, name="arrears"),
    path("<month:month>/assessments/", sides.assessments, name="assessments"),
    path("<month:month>/assessments/<key:pk>/", sides.assess, name="assess"),
    path("papers/<key:pk>/", attendance.paper_file, name="paper_file"),
    path("runs/<key:pk>/", pay.run, name="run"),
    path("runs/<key:pk>/approve/", pay.run_approve, name="run_approve"),
    path("runs/<key:pk>/pay/", pay.run_pay, name="run_pay"),
    path("runs/<key:pk>/void/", pay.run_void, name="run_void"),
    path("pays/<key:pk>/<slug:act>/", pay.pay_act, name="pay_act"),
]
