"""The board's filters for programs: what a page would overlook is refused."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django_filters import BooleanFilter, IsoDateTimeFilter
from rest_framework.exceptions import ValidationError

from dashboards.api.naming import RULES, event_meant, insist_on_owner
from dashboards.filters import CaseFilter
from exceptions_app.errors import Refused
from exceptions_app.models import Case
from exceptions_app.people.access import Actor

NO_EVENT = ("", "none")
TRUTHS = {"true", "false"}
ZONED = re.compile(r"T.*(Z|[+-]\d\d:?\d\d)$")


def filtered(query: QueryDict, by: Actor) -> QuerySet[Case]:
    """The cases that the filters leave."""
    insist_on_names(query, by)
    filters = CaseFilter(with_event(query, by), by=by)
    insist_on_sense(query, filters)
    found: QuerySet[Case] = filters.qs
    return found.filter(rule="") if query.get("rule") == "" else found


def insist_on_names(query: QueryDict, by: Actor) -> None:
    """Refuse an owner that nobody is and a rule that there is not."""
    owner, rule = query.get("assignee"), query.get("rule")
    if owner and owner not in ("me", "none"):
        insist_on_owner(owner, by)
    if rule and rule not in RULES:
        raise Refused.about("rule", f"There is no rule {rule}. Give a slug of rules/.")


def with_event(query: QueryDict, by: Actor) -> QueryDict:
    """The same with the id of the event whose number, or id, is asked for."""
    asked, key = query.copy(), query.get("part_of", "")
    if key not in NO_EVENT:
        asked["part_of"] = str(event_meant(key, by))
    return asked


def insist_on_sense(query: QueryDict, filters: CaseFilter) -> None:
    wrong = {**filters.errors, **unknown(filters), **vague(query, filters.base_filters)}
    if wrong:
        raise ValidationError(wrong)


def unknown(filters: CaseFilter) -> dict[str, list[str]]:
    """What is chosen from few, and is none of them: what there is to choose from."""
    asked = {name: getattr(filters.form.fields[name], "choices", ()) for name in filters.errors}
    return {
        name: [f"Must be one of {', '.join(str(value) for value, _ in choices if value)}."]
        for name, choices in asked.items()
        if choices
    }


def vague(query: QueryDict, filters: Mapping[str, Any]) -> dict[str, list[str]]:
    """Truths that are neither true nor false, and times that do not say their zone."""
    wrong = {}
    for name, said in query.items():
        one = filters.get(name)
        if isinstance(one, BooleanFilter) and said not in TRUTHS:
            wrong[name] = ["Must be true or false."]
        if isinstance(one, IsoDateTimeFilter) and not ZONED.search(str(said)):
            wrong[name] = ["Must say its time zone, such as …Z or …%2B01:00."]
    return wrong
