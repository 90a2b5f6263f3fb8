"""Where platforms knock: the sandbox's page, and the addresses of its stand-ins."""

from django.urls import URLPattern, URLResolver, path

from connectors import inbound, links
from connectors.listening import door
from connectors.sandbox import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("act/<str:token>/", links.act, name="act"),
    path("hooks/<int:connection_id>/<str:token>/", inbound.hook, name="hook"),
    path("in/<str:token>/", door.listen, name="listen"),
    path("sandbox/", views.arrived, name="sandbox"),
    path("sandbox/records/<int:record_id>/act/", views.act, name="sandbox-act"),
    path("sandbox/faults/<int:connection_id>/", views.go_wrong, name="sandbox-fault"),
    path("sandbox/<slug:platform>/<path:path>", views.stand_in, name="sandbox-stand-in"),
]
