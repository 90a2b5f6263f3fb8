"""What a linked platform tells of its record."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class News:
    """What happened to one record over there, in our words; what is empty did not change.

    The record is named by ``external_id`` or, where people wrote it themselves, its case by ``number``.
    ``status``: one of ours, or where waiting looks the same there, ``open`` (not settled) or ``under_way``
    (somebody is at it). ``verb``: what somebody asks us to do from there (``acknowledge``, ``claim``,
    ``resolve``). ``author`` is what they call themselves, and proves nothing; ``by`` is the e-mail address of
    whoever asked, where our own settings know them by an id that nobody there can choose.
    """

    external_id: str = ""
    number: str = ""
    status: str = ""
    comment: str = ""
    author: str = ""
    assignee_email: str = ""
    severity: str = ""
    verb: str = ""
    by: str = ""
