"""The description of the API as a document and as a page; both are for everybody."""

from functools import cache
from typing import Any, cast

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response


@cache
def described() -> dict[str, Any]:
    """Worked out once per process: it is the same for everybody, and takes half a second."""
    with translation.override("en"):
        document: dict[str, Any] = cast("Any", SchemaGenerator)().get_schema(public=True)
    return document


class Schema(SpectacularAPIView):
    """OpenAPI 3.1, as JSON or with ``?format=yaml``."""

    schema = None
    authentication_classes = []
    content_negotiation_class = DefaultContentNegotiation
    renderer_classes = [
        OpenApiJsonRenderer,
        OpenApiJsonRenderer2,
        OpenApiYamlRenderer,
        OpenApiYamlRenderer2,
    ]

    def get(self, request: Request, *_: Any, **__: Any) -> Response:
        return Response(described())


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI, its script apart from the page, as the content security policy wants it."""

    schema = None
    authentication_classes = []
    content_negotiation_class = DefaultContentNegotiation
    template_name = "dashboards/api_docs.html"
    url_name = "api-schema"
    title = "Flagstand API"
