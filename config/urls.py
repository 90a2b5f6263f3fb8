"""Every path of the site, and which package answers it."""

from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("", include("dashboards.urls")),
    path("", include("connectors.urls")),
    path("api/v1/", include("dashboards.api.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
handler500 = "config.failing.failed"
