"""One process for both: HTTP in WSGI threads that keep their connections, sockets by Channels."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator

# This sets Django up, and so has to come before the routes, which import models.
from config.wsgi import application as http
from dashboards.urls import websocket_urlpatterns

# Channels' and a2wsgi's types know nothing of Django's.
sockets = AuthMiddlewareStack(URLRouter(cast("Any", websocket_urlpatterns)))
application = ProtocolTypeRouter(
    {
        "http": WSGIMiddleware(cast("Any", http), workers=8),
        "websocket": AllowedHostsOriginValidator(sockets),
    },
)
