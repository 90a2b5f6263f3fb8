"""Files that come with a complaint: pictures and PDFs, known by their first bytes and not by their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import File

from exceptions_app.errors import Refused

MOST = 3
LARGEST = 5 * 1024 * 1024
HEAD = 16
#: How a file begins, from which byte on, and what it is then.
BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as sent, with what its content says it is."""

    name: str
    media_type: str
    size: int
    content: File  # type: ignore[type-arg]  # generic only to mypy


def media_type(head: bytes) -> str:
    """Empty if it is neither a picture nor a PDF."""
    found = (kind for start, mark, kind in BEGINNINGS if head[start : start + len(mark)] == mark)
    kind = next(found, "")
    return "" if kind == "image/webp" and not head.startswith(b"RIFF") else kind


def checked(sent: Sequence[File]) -> list[NewFile]:  # type: ignore[type-arg]  # generic only to mypy
    """The files, or a refusal that names what cannot be taken; codes are for whoever words it."""
    if len(sent) > MOST:
        raise Refused(f"Send at most {MOST} files.", {"files": "too_many"})
    found = []
    for one in sent:
        if one.size > LARGEST:
            raise Refused("A file is larger than 5 MB. Send a smaller one.", {"files": "too_large"})
        kind = media_type(one.read(HEAD))
        one.seek(0)
        if not kind:
            raise Refused("Send pictures and PDF files only.", {"files": "wrong_kind"})
        found.append(NewFile(plain(one.name or ""), kind, one.size, one))
    return found


def plain(name: str) -> str:
    """The name without folders and without what no header could carry."""
    kept = "".join(
        letter for letter in PurePath(name.replace("\\", "/")).name if letter.isprintable()
    )
    return kept.replace('"', "'")[-120:] or "file"
