"""``check_targets FILE``: does our calendar reproduce the targets another system published?

A first step when moving to Flagstand. It needs no database and writes nothing.
"""

import csv
import gzip
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from exceptions_app.errors import DeskError, Refused
from exceptions_app.sla.comparison import Comparison, explain
from exceptions_app.sla.hours import instant, missing_years
from exceptions_app.sla.notation import hours_words, read_length, shown
from exceptions_app.sla.published import ANY_TYPE, PRESETS, Layout, preset_for

#: Malformed rows are all counted; so many are named.
NAMED_ROWS = 20
OPTIONS = {
    "opened": "column with the time of opening",
    "target": "column with the published target",
    "closed": "column with the time of closing",
    "outcome": "column with the published verdict",
    "type": "column with the type that --length speaks of",
    "key": "column with the number of the case",
    "met": "the verdict when the target was met (ONTIME)",
    "missed": "the verdict when it was missed (OVERDUE)",
    "zone": "time zone of the hours, and of times without offset",
    "week": "opening hours: mon-fri 08:30-17:00; sat 10:00-14:00",
    "region": "public holidays: DE, US-MA",
}


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV with a header, plain or gzip")
        parser.add_argument("--json", action="store_true", help="print the shares as JSON only")
        parser.add_argument("--preset", choices=sorted(PRESETS), help="default: by the header")
