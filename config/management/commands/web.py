"""Serve pages, API and sockets from one process."""

from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Serve pages, API and sockets until stopped."""

    help = "Serve pages, API and sockets from one process."
    requires_system_checks = (Tags.security,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
        parser.add_argument(
            "--port", type=int, default=settings.PORT, help="The port to listen on."
        )

    def handle(self, *_: Any, host: str, port: int, **__: Any) -> None:
        uvicorn.run(
            "config.asgi:application",
            host=host,
            port=port,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            forwarded_allow_ips=settings.TRUSTED_PROXIES,
            ws_max_size=64 * 1024,
            timeout_graceful_shutdown=3,
        )
