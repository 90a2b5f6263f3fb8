"""What every endpoint does before its own method runs, and what that method can ask it."""

from typing import Any, cast

from django.utils.functional import cached_property
from django_filters import MultipleChoiceFilter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from dashboards.api.calling import Call, call_of
from dashboards.api.wire import insist_on_size
from exceptions_app.models import ApiToken, User
from exceptions_app.people.access import Actor, person
from exceptions_app.people.tokens import actor_of

WRITES = ("POST", "PATCH")


class Endpoint(APIView):
    """One path of the API."""

    http_method_names = ["get", "head", "post", "patch"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in WRITES:
            insist_on_size(request)
        if called := call_of(self, request.method):
            insist_on_known(request, called)

    @property
    def called(self) -> Call:
        found = call_of(self, self.request.method)
        if found is None:
            raise LookupError(f"{type(self).__name__} takes no {self.request.method}")
        return found

    @cached_property
    def by(self) -> Actor:
        """Whoever asks, as the domain knows them."""
        signed_in = self.request.auth
        if isinstance(signed_in, ApiToken):
            return actor_of(signed_in)
        return person(cast("User", self.request.user))

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The body, understood."""
        return self.understood(self.called.asks, self.request.data)

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """The query parameters, understood."""
        query = self.called.query
        names: list[str] = [*query().fields.keys()] if query else []
        given = {
            name: self.request.query_params[name]
            for name in names
            if name in self.request.query_params
        }
        return self.understood(query, given)

    def understood(self, shape: Any, data: Any) -> dict[str, Any]:
        read = shape(data=data)
        read.is_valid(raise_exception=True)
        return dict(read.validated_data)


def insist_on_known(request: Request, called: Call) -> None:
    """Refuse query parameters that would show too much: misspelt, without a value, or two for one."""
    query, known = request.query_params, called.parameters()
    told = f"Use {', '.join(sorted(known))}." if known else "This path takes none."
    unknown = dict.fromkeys(sorted(set(query) - known), f"Unknown query parameter. {told}")
    twice = {
        name: "Give it once: it takes one value."
        for name, values in query.lists()
        if len(values) > 1 and not isinstance(called.filters.get(name), MultipleChoiceFilter)
    }
    empty = {
        name: "Give a value, or leave it out."
        for name, values in query.lists()
        if "" in values and name not in called.may_be_empty
    }
    if wrong := {**twice, **empty, **unknown}:
        raise ValidationError({name: [why] for name, why in wrong.items()})
