"""What a text names that may point to a subject: references, VINs, plates, e-mails, phones, people; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"\+?\d[\d ()/.-]{6,18}\d")
VIN = re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b", re.IGNORECASE)
#: A word with a digit in it: O-123, EX1042, 2231, BR123456789.
REFERENCE = re.compile(r"\b(?=[\w/-]{0,39}\d)\w[\w/-]{1,39}\b")
#: Of Germany, Spain, Portugal, Brazil and Britain; only capitals, since words would look like some.
PLATE = re.compile(
    r"\b(?:[A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2} ?\d{1,4}[EH]?|\d{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}"
    r"|[A-Z]{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|[A-Z]{3}-?\d[A-Z0-9]\d{2}|[A-Z]{2}\d{2} ?[A-Z]{3})\b"
)
#: Two or three capitalised words in a row.
PERSON = re.compile(r"\b[^\W\d_a-zß-ÿ][^\W\d_]+(?: [^\W\d_a-zß-ÿ][^\W\d_]+){1,2}\b")
#: So many digits at the end tell one phone number from another, however it is written.
PHONE_TAIL = 8
MOST = 12


@dataclass(frozen=True, slots=True)
class Named:
    """What to look for; phones by their last digits, plates and names in capitals or not."""

    references: tuple[str, ...] = ()
    vins: tuple[str, ...] = ()
    plates: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.references, self.vins, self.plates, self.emails, self.phones, self.people))


def named(text: str, *, reference: str = "", contact: Iterable[str] = ()) -> Named:
    """Everything the text names; ``reference`` and ``contact`` are what a form asked for by themselves."""
    whole = "\n".join((text, *contact))
    emails = EMAIL.findall(whole)
    plain = EMAIL.sub(" ", text)
    given = [reference.strip()] if reference.strip() else []
    phones = [tail(found) for found in PHONE.findall(EMAIL.sub(" ", whole))]
    return Named(
        references=first((*given, *REFERENCE.findall(plain))),
        vins=first(found.upper() for found in VIN.findall(plain)),
        plates=first(PLATE.findall(plain)),
        emails=first(found.lower() for found in emails),
        phones=first(found for found in phones if len(found) == PHONE_TAIL),
        people=first(found.lower() for found in PERSON.findall(EMAIL.sub(" ", whole))),
    )


def tail(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-PHONE_TAIL:]


def first(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:MOST]
