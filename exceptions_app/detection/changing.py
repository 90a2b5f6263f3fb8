"""Changing the policy: each change is a version with who, when and why, and has looks planned anew."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from exceptions_app.detection import policy as policies
from exceptions_app.detection.editing import Edit, adopting, back_edit, cut
from exceptions_app.detection.foreseeing import adopted
from exceptions_app.detection.models import PolicyVersion, Replan, RiskAdoption, RiskModel
from exceptions_app.detection.policy import BY_SLUG, OF_THRESHOLD, Document, Policy
from exceptions_app.detection.rules.predicted import Predicted
from exceptions_app.errors import NotFound, Refused, Stale
from exceptions_app.people import access
from exceptions_app.people.access import Actor
from exceptions_app.vocabulary import SubjectKind

VERB = "change_rules"


def newest() -> PolicyVersion | None:
    return PolicyVersion.objects.order_by("-pk").first()


def document_now() -> Document:
    version = newest()
    return version.document if version else {}


def now_without_models() -> Policy:
    """Which rules are on; to read what was learned would take long, and nothing is taken in meanwhile."""
    return policies.built(document_now(), version=0)


@transaction.atomic
def change(
    edit: Edit, *, why: str, by: Actor, at: datetime, seen: int | None = None
) -> PolicyVersion:
    """Let it hold from now on. ``seen`` is the last version of it that the person looked at; 0 is none."""
    access.insist(by, VERB, site_id=edit.site_id)
    if not why.strip():
        raise Refused.about("why", "Say why, for those who find it changed.")
    policies.alone()
    insist_unchanged(edit, seen)
    before = document_now()
    document = edit.applied(before)
    learned = newly(learned_for(edit, document))
    if document == before and learned is None:
        raise Refused("Nothing differs from what holds already.")
    version = PolicyVersion.objects.create(
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        why=why.strip()[:300],
        about=edit.about,
        site_id=edit.site_id,
        said=edit.said,
        document=document,
    )
    if learned is not None:
        note(learned.site_id, learned.kind, by=by, at=at, model=learned, version=version)
    owe(edit.kinds, edit.site_id, at=at, version=version)
    return version


def learned_for(edit: Edit, document: Document) -> RiskModel | None:
    """The learned model that an edit comes with: still there, and one that its rule looks with.

    ``document`` is what would hold then.
    """
    if edit.adopts is None:
        return None
    found = kept(edit.adopts)
    rule = BY_SLUG.get(edit.about.partition(":")[2])
    if not isinstance(rule, Predicted):
        raise Refused("Only rules of predicted lateness look with what was learned.")
    if found.kind not in edit.kinds:
        of = SubjectKind(found.kind).label
        raise Refused(
            f"What was learned is of another kind, “{of}”; this rule does not look with it."
        )
    if found.site_id != edit.site_id:
        where = found.site.name
        raise Refused(
            f"What was learned is of {where} and holds only there. Change the rule there."
        )
    if not policies.setting_of(document, rule.slug, edit.place).on:
        raise Refused("A rule that is off looks with nothing. Switch it on with what was learned.")
    return found


def kept(model_id: int) -> RiskModel:
    found = RiskModel.objects.filter(pk=model_id).select_related("site").first()
    if found is None:
        raise Refused("What was learned then is not kept any more. Run the backtest again.")
    return found


def newly(model: RiskModel | None) -> RiskModel | None:
    """That model, unless it holds at its site already: then it keeps its adoption."""
    if model is None:
        return None
    now = adopted([SubjectKind(model.kind)]).filter(site=model.site_id)
    return None if model.pk in now.values_list("model", flat=True) else model


def note(site_id: int, kind: str, *, by: Actor, at: datetime, **what: Any) -> None:
    """Put on record what holds there from now on; without a ``model``, nothing that was learned."""
    who = {"actor_kind": by.kind, "actor_id": by.id, "actor_name": by.name}
    RiskAdoption.objects.create(at=at, site_id=site_id, kind=kind, **who, **what)


@transaction.atomic
def adopt(model: RiskModel, *, by: Actor, at: datetime, asked_at: datetime | None = None) -> None:
    """Look with it from now on; where a rule does, looks are planned anew.

    Not if another was adopted there since it was ``asked_at``.
    """
    access.insist(by, VERB, site_id=model.site_id)
    policies.alone()
    model = kept(model.pk)
    there = RiskAdoption.objects.filter(site=model.site_id, kind=model.kind)
    if asked_at is not None and there.filter(at__gt=asked_at).exists():
        return
    note(model.site_id, model.kind, by=by, at=at, model=model)
    kind = SubjectKind(model.kind)
    if now_without_models().predicts(kind, model.site_id):
        owe((kind,), model.site_id, at=at)


@transaction.atomic
def let_go(kind: SubjectKind, site_id: int, *, by: Actor, at: datetime) -> None:
    """Let nothing that was learned hold there any more: on record, as an adoption of nothing."""
    access.insist(by, VERB, site_id=site_id)
    policies.alone()
    if now_without_models().predicts(kind, site_id):
        raise Refused(
            f"The learned risk of {kind.plural} is on and looks with the same; switch it off first."
        )
    if not any(adopted([kind]).filter(site=site_id).values_list("model", flat=True)):
        raise Refused("Nothing that was learned holds there.")
    note(site_id, kind, by=by, at=at)


def insist_unchanged(edit: Edit, seen: int | None) -> None:
    last = last_about(edit.about, edit.site_id)
    if seen is not None and last is not None and last.pk != seen:
        raise Stale(f"{last.actor_name} changed it since you looked: {last.said}.", version=last.pk)


def last_about(about: str, site_id: int | None) -> PolicyVersion | None:
    return PolicyVersion.objects.filter(about=about, site=site_id).order_by("-pk").first()


def owe(
    kinds: Iterable[SubjectKind],
    site_id: int | None,
    *,
    at: datetime,
    version: PolicyVersion | None = None,
) -> None:
    """Have the looks of all such subjects planned anew, in place of what was still to do."""
    rows = [Replan(version=version, kind=kind, site_id=site_id) for kind in kinds]
    older = Replan.objects.filter(kind__in=[row.kind for row in rows], done_at=None)
    if site_id is not None:
        older = older.filter(site=site_id)
    older.update(done_at=at)
    Replan.objects.bulk_create(rows)


@transaction.atomic
def hours_changed(site_ids: Sequence[int], *, at: datetime) -> None:
    """Have looks planned anew where the opening hours, which they were counted in, were just changed."""
    if site_ids:
        policies.alone()
        owe(SubjectKind, site_ids[0] if len(site_ids) == 1 else None, at=at)


def restoring(version_id: int, about: str, site_id: int | None, *, by: Actor) -> Edit:
    """The edit that brings back what a version said of this; version 0 is how it was shipped."""
    before: Document = {}
    if version_id:
        mine = PolicyVersion.objects.filter(access.shared(by), about=about, site=site_id)
        version = mine.filter(pk=version_id).first()
        if version is None:
            raise NotFound("This has no such version, or it is of a site you do not work for.")
        before = version.document
    came = RiskAdoption.objects.filter(version=version_id).select_related("model").first()
    again = f"as in version {version_id} again" if version_id else "as shipped again"
    if site_id is not None and not version_id:
        again = "as everywhere again"
    if came is not None and came.model is None:
        again += "; what was learned then is not kept any more"
    edit = Edit(about, site_id, None, cut(f"{subject_of(about)}: {again}"), kinds_of(about))
    learned = newly(came.model) if came is not None else None
    if learned is not None:
        edit = adopting(edit, learned.pk, learned.made_at)
    return back_edit(document_now(), before, edit)


def kinds_of(about: str) -> tuple[SubjectKind, ...]:
    if about == OF_THRESHOLD:
        return tuple(SubjectKind)
    what, _, name = about.partition(":")
    if what == "journey":
        return (SubjectKind(name),)
    if name not in BY_SLUG:
        raise NotFound(f"There is no rule “{name}” any more.")
    return (BY_SLUG[name].kind,)


def subject_of(about: str) -> str:
    what, _, name = about.partition(":")
    return str(SubjectKind(name).label) if what == "journey" else name or what
