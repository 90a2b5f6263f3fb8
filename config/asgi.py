"""One process for both: HTTP in WSGI threads that keep their connections, sockets by Channels."""

import gc
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from channels.sessions import SessionMiddlewareStack
from django.conf import settings

from config import lifeline

# This sets Django up, and so has to come before the rest, which imports models.
from config.wsgi import application as http

# isort: split
from config.gate import Gate
from dashboards.urls import websocket_urlpatterns

# One of several processes ends with the one that started them.
lifeline.hold()

# Channels' and a2wsgi's types know nothing of Django's.
sockets = SessionMiddlewareStack(URLRouter(cast("Any", websocket_urlpatterns)))
application = ProtocolTypeRouter(
    {
        "http": Gate(WSGIMiddleware(cast("Any", http), workers=settings.WEB_THREADS)),
        "websocket": AllowedHostsOriginValidator(sockets),
    },
)

# What is loaded by now stays. Looking through it for garbage again and again stopped a request for 50 ms now
# and then, and took a fifth of the time of a thousand signals.
gc.collect()
gc.freeze()
