"""Where uploaded files lie: one that finds no room there is refused, and nothing of it stays."""

import os
from errno import EDQUOT, ENOSPC

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from exceptions_app.errors import Refused

NO_ROOM = "There is no room for this file; tell your administrator."


class Files(FileSystemStorage):
    """Files on a disk that may be full; each has a name that no other upload can have meant."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        root, ending = os.path.splitext(name)
        return super().get_available_name(self.get_alternative_name(root, ending), max_length)

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]  # generic only to mypy
        try:
            kept: str = super()._save(name, content)  # type: ignore[misc]  # not in the stubs
        except OSError as problem:
            if problem.errno not in (ENOSPC, EDQUOT):
                raise
            self.delete(name)
            raise Refused(NO_ROOM, {"file": NO_ROOM, "files": "no_room"}) from problem
        return kept
