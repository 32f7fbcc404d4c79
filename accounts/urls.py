"""Addresses of sign-in, the own account, users, units and the audit trail."""

from django.urls import path

from accounts.views import audit, device, regions, session, units, users

app_name = "accounts"

urlpatterns = [
    path("login/", session.login_view, name="login"),
    path("logout/", session.logout_view, name="logout"),
    path("password/", session.password, name="password"),
    path("second-factor/", session.second_factor, name="second_factor"),
    path("security/", session.security, name="security"),
    path("users/", users.users, name="users"),
    path("users/new/", users.user_new, name="user_new"),
    path("users/<key:pk>/", users.user, name="user"),
    path("units/", units.units, name="units"),
    path("units/<str:code>/", units.unit, name="unit"),
    path("audit/", audit.audit, name="audit"),
    path("audit/verify/", audit.verify, name="audit_verify"),
    path("device/", device.device, name="device"),
    path("regions/", regions.regions, name="regions"),
]
