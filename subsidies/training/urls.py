"""Addresses of 培训, below /subsidies/training/."""

from django.urls import path

from subsidies.training.views import attendance, classes, giving, learners, plans

urlpatterns = [
    path("", classes.training, name="training"),
    path("plans/", plans.plans, name="training_plans"),
    path("plans/new/", plans.plan_new, name="training_plan_new"),
    path("plans/<key:pk>/", plans.plan, name="training_plan"),
    path("plans/<key:pk>/edit/", plans.plan_edit, name="training_plan_edit"),
    path("plans/<key:pk>/approve/", plans.plan_approve, name="training_plan_approve"),
    path("plans/<key:pk>/classes/new/", classes.class_new, name="training_class_new"),
    path("classes/<key:pk>/", classes.class_page, name="training_class"),
    path("classes/<key:pk>/edit/", classes.class_edit, name="training_class_edit"),
    path("classes/<key:pk>/act/", classes.class_act, name="training_act"),
    path("classes/<key:pk>/back/", classes.class_back, name="training_back"),
    path("classes/<key:pk>/wishes/", learners.wishes, name="training_wishes"),
    path("enrolments/<key:pk>/confirm/", learners.confirm, name="training_confirm"),
    path("enrolments/<key:pk>/leave/", learners.leave, name="training_leave"),
    path("classes/<key:pk>/attendance/", attendance.attendance, name="training_attendance"),
    path("classes/<key:pk>/certificates/", giving.certificates, name="training_certificates"),
    path("enrolments/<key:pk>/certificate/", giving.certificate, name="training_certificate"),
    path("classes/<key:pk>/allowance/", giving.allowance, name="training_allowance"),
]
