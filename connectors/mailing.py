"""A mail about a case as it travels (RFC 5322), whoever carries it."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage

from connectors.hooks import Json, dig
from connectors.snapshot import Snapshot
from exceptions_app.vocabulary import Operation

#: The longest line of a mail: folded earlier, Python garbles an In-Reply-To of a long domain.
LONGEST_LINE = 998
#: With an encoded word in it (RFC 2047).
LONGEST_ENCODED = 76
IMPORTANCE = {"critical": "high", "high": "high", "low": "low"}


def message_id(case: Snapshot, sender: str) -> str:
    """Ours, so that a mail sent twice is one mail to whoever gets it."""
    return f"<{case.delivery_id}@{sender.rpartition('@')[2]}>"


def envelope(
    case: Snapshot, sender: str, to: str, *, subject: str = "", answers: str = ""
) -> dict[str, str]:
    subject = subject or f"{'Re: ' if answers else ''}[{case.number}] {case.title}"
    headers = {
        "From": sender,
        "To": to,
        "Subject": " ".join(subject.split())[:250],
        "Message-ID": message_id(case, sender),
        "Auto-Submitted": "auto-generated",
        "Importance": IMPORTANCE.get(case.severity, "normal"),
        "X-Flagstand": f"{case.number}; {case.severity}; {case.status}",
    }
    return headers | (dict.fromkeys(("In-Reply-To", "References"), answers) if answers else {})


def answering(first: Json) -> dict[str, str]:
    """What an answer takes from a mail whose ``headers`` are listed as ``name`` and ``value``."""
    listed = first.get("headers", [])
    was = {str(dig(each, "name")).lower(): str(dig(each, "value")) for each in listed}
    subject = f"Re: {was['subject']}" if "subject" in was else ""
    return {"subject": subject, "answers": was.get("message-id", "")}


def letter(case: Snapshot) -> str:
    """What there is to read, and how the case stands; the first says what it is about."""
    text = case.text or "The evidence is in the file."
    stands = f"{case.number} is {case.status.replace('_', ' ')}"
    if case.assignee and case.is_open:
        stands += f", with {case.assignee}"
    if case.due_at and case.is_open:
        stands += f", due {case.facts['Due']}"
    pressed = [f"{label}: {address}" for label, address in case.links.items()]
    ending = "\n".join([f"{stands}.", case.url, *pressed, ""])
    return "\n\n".join([*([] if case.external_id else [case.headline]), text, ending])


class Folded(policy.EmailPolicy):
    """Subjects are folded as encoded words have to be; what names mails stays whole."""

    def fold(self, name: str, value: str) -> str:
        how = self.clone(max_line_length=LONGEST_ENCODED) if name == "Subject" else self
        return str(policy.EmailPolicy.fold(how, name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode(errors="surrogateescape")


def message(headers: Mapping[str, str], text: str) -> EmailMessage:
    made = EmailMessage(Folded(max_line_length=LONGEST_LINE))
    for name, value in headers.items():
        made[name] = value
    made.set_content(text)
    return made


def raw_mail(case: Snapshot, headers: Mapping[str, str]) -> str:
    """The whole mail in base64url, with the evidence as a file if that is what it is about."""
    made = message(headers, letter(case))
    if case.operation == Operation.ATTACH:
        file = case.evidence.encode()
        made.add_attachment(file, "application", "json", filename=case.evidence_name)
        made.set_boundary(case.delivery_id)
    return urlsafe_b64encode(made.as_bytes(policy=made.policy.clone(linesep="\r\n"))).decode()
