#!/usr/bin/env python
"""Every command of the project, with the embedded database around those that need one."""

import os
import signal
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from config import embedded, lifeline
from config.cluster import CannotServe

# What only looks at the code; everything else finds a running database.
WITHOUT_DATABASE = {
    "check",
    "check_targets",
    "collectstatic",
    "compilemessages",
    "demo_reset",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "platforms",
    "spectacular",
    "startapp",
    "version",
}
# What runs until it is told to stop: that is its end, and no failure of it.
UNTIL_STOPPED = {"demo", "runclocks", "stories", "web", "worker"}


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    lifeline.hold()
    # Being told to stop unwinds like Ctrl-C, so that the embedded database stops with its last user.
    code = 0 if set(arguments[1:2]) & UNTIL_STOPPED else 128 + signal.SIGTERM
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(code))
    try:
        if _needs_embedded(arguments):
            with embedded.served():
                execute_from_command_line(arguments)
        else:
            execute_from_command_line(arguments)
    except (CannotServe, ImproperlyConfigured) as refusal:
        sys.exit(f"Flagstand cannot start. {refusal}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _needs_embedded(arguments: list[str]) -> bool:
    if any(os.environ.get(name) for name in ("DATABASE_URL", "DATABASE_URL_FILE")):
        return False
    asked = arguments[1] if len(arguments) > 1 else "help"
    return asked not in WITHOUT_DATABASE and not {"-h", "--help", "--version"} & set(arguments[1:])


if __name__ == "__main__":
    main(sys.argv)
