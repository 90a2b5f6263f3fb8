"""What a stand-in can be told to do wrong, so that it can be seen what we do about it (PX2)."""

import re
import time
from collections.abc import Callable, Iterator

from django.db.models import F
from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse

from connectors.models import SandboxFault
from connectors.sandbox.calls import Call
from connectors.sandbox.stand import Stand
from exceptions_app.errors import Refused
from exceptions_app.models import Connection

#: Longer than our client waits; seconds.
HANG, SLOW, RETRY_AFTER = 12.0, 1.0, 2
Fault = SandboxFault.Kind


def told(connection: Connection, kind: str, left: str) -> SandboxFault | None:
    """Have its stand-in do this wrong so many times, instead of what it was told before; or nothing."""
    number = int(left) if re.fullmatch(r"-1|[1-9][0-9]{0,2}", left) else 0
    if kind and (kind not in Fault.values or not number):
        raise Refused("Nothing was set. Choose what is to go wrong, and how often: 1 to 999 times.")
    SandboxFault.objects.filter(connection=connection).delete()
    if not kind:
        return None
    return SandboxFault.objects.create(connection=connection, kind=kind, left=number)


def said(connection: Connection, fault: SandboxFault | None) -> str:
    """What its stand-in is told, as a sentence; reading meets no fault."""
    if fault is None:
        return f"{connection.name}: what is sent there works as it should."
    often = {-1: "everything", 1: "the next thing"}.get(fault.left, f"the next {fault.left} things")
    does = Fault(fault.kind).label
    return f"{connection.name}: {often} sent there will meet “{does}”."


def next_fault(call: Call, stand: Stand) -> SandboxFault | None:
    """The fault that this call meets, and one less of it; reading meets none."""
    if call.method in {"GET", "HEAD"}:
        return None
    fault: SandboxFault | None = getattr(stand.account(call), "sandbox_fault", None)
    if fault is None or fault.left == 0:
        return None
    left = SandboxFault.objects.filter(pk=fault.pk, left__gt=0)
    return fault if fault.left < 0 or left.update(left=F("left") - 1) else None


def instead(fault: SandboxFault, stand: Stand) -> HttpResponseBase | None:
    """The answer of a fault that keeps the call from being performed; None lets it through."""
    match fault.kind:
        case Fault.REFUSE:
            return JsonResponse(
                stand.refused(422, "The sandbox was told to refuse this."), status=422, safe=False
            )
        case Fault.LIMIT:
            body = stand.refused(429, "Too many requests.")
            return JsonResponse(
                body, status=429, headers={"Retry-After": str(RETRY_AFTER)}, safe=False
            )
        case Fault.STUMBLE:
            return HttpResponse("The sandbox was told to stumble.", status=500)
        case Fault.HANG:
            pause(HANG)
            return HttpResponse(status=504)
    return None


def afterwards(fault: SandboxFault, answer: HttpResponse) -> HttpResponseBase:
    """The same for what is performed: its answer comes late, or is cut off."""
    if fault.kind == Fault.SLOW:
        pause(fault.seconds or SLOW)
    return Dropped(answer) if fault.kind == Fault.DROP else answer


pause: Callable[[float], None] = time.sleep


class Dropped(StreamingHttpResponse):
    """Promises its whole length, and hangs up after the first byte."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(
            cut(answer.content), status=answer.status_code, headers=dict(answer.items())
        )
        self["Content-Length"] = str(len(answer.content) + 1)


def cut(content: bytes) -> Iterator[bytes]:
    yield content[:1]
    raise ConnectionAbortedError("The sandbox was told to hang up.")
