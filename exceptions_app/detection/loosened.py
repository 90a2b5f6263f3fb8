"""What only a change of the policy makes look new: its case was told of the same by what held then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from exceptions_app.cases.models import Case
from exceptions_app.detection import policy as policies
from exceptions_app.detection.looking import look
from exceptions_app.detection.models import PolicyVersion
from exceptions_app.detection.policy import Policy, built
from exceptions_app.detection.rules.base import Finding
from exceptions_app.subjects.facts import Facts
from exceptions_app.subjects.knowing import facts_of

if TYPE_CHECKING:
    from exceptions_app.detection.raising import Found


def only_loosened(found: Sequence["Found"], latest: Mapping[str, Case]) -> frozenset[int]:
    """The ids of those findings that hold since later only because a rule is less strict by now.

    Less strict, a rule says of the same facts that they are wrong since later; to a case that was told
    of them by the policy of then, that is no news. One statement, unless something was changed since.
    """
    later = [one for one in found if is_later(one.finding, latest.get(one.key))]
    told = {one.key: latest[one.key].last_seen_at for one in later}
    if not told or not PolicyVersion.objects.filter(at__gt=min(told.values())).exists():
        return frozenset()
    past = Past()
    known = facts_of({one.subject.pk: one.subject for one in later}.values(), past.hours)
    return frozenset(
        id(one.finding)
        for one in later
        if told_of(
            one.finding,
            past.since(known[one.subject.pk], told[one.key], one),
            latest[one.key].since,
        )
    )


def is_later(finding: Finding, case: Case | None) -> bool:
    return case is not None and case.since is not None and finding.since > case.since


def told_of(finding: Finding, since_then: Mapping[str, datetime], since: datetime | None) -> bool:
    """Whether the other policy finds it by the same rule, and since no later than the case was told."""
    then = since_then.get(finding.rule)
    return then is not None and since is not None and then <= since


class Past:
    """The policies as they held; each is built once."""

    def __init__(self) -> None:
        self.hours = policies.current().hours
        self.versions = list(PolicyVersion.objects.order_by("pk").values_list("at", "document"))
        self.built: dict[int, Policy] = {}

    def at(self, at: datetime) -> Policy:
        number = sum(one <= at for one, _ in self.versions)
        if number not in self.built:
            document = self.versions[number - 1][1] if number else {}
            self.built[number] = built(document, hours=self.hours, version=number).foreseeing()
        return self.built[number]

    def since(self, facts: Facts, at: datetime, one: "Found") -> dict[str, datetime]:
        """By rule, since when it holds on these facts by what held at that time."""
        policy, site = self.at(at), one.subject.site_id
        return {found.rule: found.since for found in look(facts, one.at, policy, site)}
