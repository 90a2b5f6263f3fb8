"""Run the whole desk on this machine until Ctrl-C."""

import os
import signal
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config import demo
from config.supervisor import stopping


class Command(BaseCommand):
    """Prepare, start everything, say how to get in, and keep it running."""

    help = "Run the whole desk on this machine: web, worker, clocks and story-teller."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        began = float(os.environ.get("STARTED") or time.time())
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(0))
        # A shell that starts us in the background has SIGINT ignored; here it is always heard.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            with demo.only_one():
                demo.require_free(settings.PORT)
                self._run(began)
        except demo.CannotShow as refusal:
            raise CommandError(str(refusal)) from None
        except KeyboardInterrupt:
            self._say("Everything is stopped.")

    def _run(self, began: float) -> None:
        web, *_ = children = demo.children()
        with stopping(children):
            # It asks the database nothing before the first request, so it may load meanwhile.
            web.start()
            demo.prepare(self._say)
            connection.close()
            demo.await_page(f"http://127.0.0.1:{settings.PORT}{settings.LOGIN_URL}", web)
            self._say(f"Ready after {time.time() - began:.1f} s: {settings.BASE_URL}/")
            for line in demo.sign_ins():
                self._say(f"  {line}")
            self._say("Ctrl-C stops everything; the data stays for the next time.")
            while True:
                for child in children:
                    child.look(self._say)
                time.sleep(0.2)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
