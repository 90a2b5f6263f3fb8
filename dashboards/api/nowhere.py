"""Paths that do not exist, told like every other refusal."""

from typing import Any

from django.urls import Resolver404, resolve, reverse
from rest_framework.views import APIView

from exceptions_app.errors import NotFound


class Nowhere(APIView):
    """Whatever no other path took, with any method."""

    authentication_classes = []
    permission_classes = []
    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        slashed = f"{request.path}/"
        if not request.path.endswith("/") and is_somewhere(slashed):
            raise NotFound(
                f"There is nothing here. Did you mean {slashed}, with a slash at the end?"
            )
        raise NotFound(f"There is nothing here. The API is described at {reverse('api-docs')}.")


def is_somewhere(path: str) -> bool:
    try:
        return resolve(path).url_name != "api-nowhere"
    except Resolver404:
        return False
