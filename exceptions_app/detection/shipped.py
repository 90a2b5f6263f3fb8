"""The durations that every desk begins with, by kind of subject; figures of the field, for staff to change.

A deal's funding is healthy four to ten days after the sale and a fault over twelve. The others are what
carriers, lenders, service desks and consumer law call usual: over them somebody should look.
"""

from collections.abc import Mapping

from exceptions_app.detection.durations import FIRST, Allowed, Durations
from exceptions_app.sla.notation import read_length
from exceptions_app.vocabulary import PromiseFrom, SubjectKind


def within(promise: PromiseFrom = PromiseFrom.SAID, **steps: tuple[str, str]) -> Durations:
    allowed = {name: Allowed(after, read_length(within)) for name, (after, within) in steps.items()}
    return Durations(allowed, promise)


DURATIONS: Mapping[SubjectKind, Durations] = {
    SubjectKind.ORDER: within(
        PromiseFrom.EXPECTED,
        paid=("placed", "2 calendar days"),
        packed=("paid", "1 business day"),
        shipped=("paid", "3 business days"),
    ),
    SubjectKind.DEAL: within(
        financed=("sold", "12 calendar days"),
        prepared=("arrived", "2 business days"),
        registered=("sold", "20 calendar days"),
    ),
    SubjectKind.DELIVERY: within(
        PromiseFrom.EXPECTED,
        confirmed=("scheduled", "1 business day"),
        handed_over=("departed", "4 elapsed hours"),
    ),
    SubjectKind.APPOINTMENT: within(
        PromiseFrom.EXPECTED,
        checked_in=("dispatched", "2 elapsed hours"),
        finished=("checked_in", "8 working hours"),
    ),
    SubjectKind.PAYMENT: within(
        answered=("submitted", "4 working hours"),
        paid=("requested", "14 calendar days"),
    ),
    SubjectKind.FINANCE: within(
        answered=("submitted", "4 working hours"),
        funded=("submitted", "12 calendar days"),
    ),
    SubjectKind.CONTRACT: within(
        signed=("drafted", "3 business days"),
        booked=("signed", "1 business day"),
        filed=("signed", "5 business days"),
    ),
    SubjectKind.LEAD_TASK: within(
        assigned=("created", "30 working minutes"),
        done=("created", "1 business day"),
    ),
    SubjectKind.RETURN: within(
        sent=("requested", "14 calendar days"),
        received=("sent", "7 business days"),
        inspected=("received", "2 business days"),
        refunded=("received", "5 business days"),
    ),
    SubjectKind.STOCK: within(
        counted=(FIRST, "1 business day"),
        adjusted=("counted", "2 business days"),
    ),
    SubjectKind.COMPLAINT: within(
        answered=("received", "1 business day"),
        settled=("received", "10 business days"),
    ),
    SubjectKind.REQUEST: within(
        resolved=("opened", "3 business days"),
        closed=("resolved", "7 calendar days"),
    ),
}
