"""Addresses of sign-in, the own account, users, units and the audit trail."""

from django.urls import path

from accounts.views import session

app_name = "accounts"

urlpatterns = [
    path("login/", session.login_view, name="login"),
    path("logout/", session.logout_view, name="logout"),
    path("password/", session.password, name="password"),
    path("second-factor/", session.second_factor, name="second_factor"),
    path("security/", session.security, name="security"),
]
