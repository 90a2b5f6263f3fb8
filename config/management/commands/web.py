"""Serve pages, API and sockets; from one process, or from several that share the port."""

import os
import signal
import socket
from typing import Any

import uvicorn
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandParser
from uvicorn.supervisors import Multiprocess

from config import lifeline

APPLICATION = "config.asgi:application"
#: Seconds without an answer, from its start on, until one of several processes is taken for dead.
PATIENCE = 30


class Command(BaseCommand):
    """Serve pages, API and sockets until stopped."""

    help = "Serve pages, API and sockets, from as many processes as WEB_PROCESSES says."
    requires_system_checks = (Tags.security,)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="The address to listen on.")
        parser.add_argument(
            "--port", type=int, default=settings.PORT, help="The port to listen on."
        )

    def handle(self, *_: Any, host: str, port: int, **__: Any) -> None:
        options: dict[str, Any] = {
            "host": host,
            "port": port,
            "lifespan": "off",
            "log_config": None,
            "access_log": False,
            "server_header": False,
            "forwarded_allow_ips": settings.TRUSTED_PROXIES,
            "ws_max_size": 64 * 1024,
            "timeout_graceful_shutdown": 3,
            "timeout_worker_healthcheck": PATIENCE,
        }
        if settings.WEB_PROCESSES > 1:
            share(uvicorn.Config(APPLICATION, workers=settings.WEB_PROCESSES, **options))
        else:
            uvicorn.run(APPLICATION, **options)


def share(config: uvicorn.Config) -> None:
    """Serve from several processes; one that dies is replaced, and all end with this one."""
    os.environ |= lifeline.thrown(signal.SIGTERM)
    listening = config.bind_socket()
    # What is accepted has it from here; asyncio gives it only to sockets that name their protocol, which
    # uvicorn's does not, and without it every small answer comes 40 ms later.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Multiprocess(config, sockets=[listening]).run()
