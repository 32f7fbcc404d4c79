"""Addresses of 政策宣传."""

from django.urls import path

from subsidies.messages.views import mailings, templates, texts

app_name = "publicity"

urlpatterns = [
    path("", templates.templates, name="list"),
    path("templates/new/", templates.template_new, name="template_new"),
    path("templates/preview/", templates.preview, name="preview"),
    path("templates/<key:pk>/", templates.template, name="template"),
    path("templates/<key:pk>/edit/", templates.template_edit, name="template_edit"),
    path("templates/<key:pk>/switch/", templates.template_switch, name="template_switch"),
    path("templates/<key:pk>/send/", mailings.mailing_new, name="mailing_new"),
    path("mailings/", mailings.mailings, name="mailings"),
    path("mailings/<key:pk>/", mailings.mailing, name="mailing"),
    path("mailings/<key:pk>/confirm/", mailings.mailing_confirm, name="mailing_confirm"),
    path("mailings/<key:pk>/stop/", mailings.mailing_stop, name="mailing_stop"),
    path("mailings/<key:pk>/receipts/", mailings.mailing_receipts, name="mailing_receipts"),
    path("texts/", texts.texts, name="texts"),
    path("texts/<key:pk>/forward/", texts.forward, name="forward"),
]
