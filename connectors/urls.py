"""Where platforms knock: the sandbox's page, and the addresses of its stand-ins."""

from django.urls import URLPattern, URLResolver, path

from connectors import inbound
from connectors.sandbox import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("hooks/<int:connection_id>/<str:token>/", inbound.hook, name="hook"),
    path("sandbox/", views.arrived, name="sandbox"),
    path("sandbox/<slug:platform>/<path:path>", views.stand_in, name="sandbox-stand-in"),
]
