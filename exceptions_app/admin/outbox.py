"""What is owed outside: looked at here, resent and skipped by verbs. Connections are in the connectors' admin."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from exceptions_app.admin.base import DeskAdmin, RecordAdmin, Shown
from exceptions_app.admin.cases import OfCase, Reason
from exceptions_app.admin.pressing import Press, PressAdmin
from exceptions_app.errors import DeskError
from exceptions_app.outbox import queue
from exceptions_app.outbox.models import Attempt, Connection, Delivery, Heartbeat, Link
from exceptions_app.people.access import Actor
from exceptions_app.playbooks.models import Playbook
from exceptions_app.playbooks.running import FIELDS
from exceptions_app.vocabulary import DeliveryState
