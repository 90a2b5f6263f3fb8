"""Cases on the board, drawn many at once; Jinja2, because this is the page that everybody keeps open."""

from collections.abc import Iterable
from functools import partial

from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from dashboards.templatetags import desk
from dashboards.viewing import Viewer
from exceptions_app.cases.rows import Row

#: What stands behind a platform's name, by how it stands.
SIGNS = {"linked": "✓", "failed": "!", "sending": "…"}


def drawn(rows: Iterable[tuple[Row, str]], words: Iterable[str], seen: Viewer) -> SafeString:
    """The rows of the table, each with its rank in the order; ``words`` are marked in them."""
    template = get_template("dashboards/_case_rows.jinja", using="jinja2")
    shown = template.render(
        {
            "rows": rows,
            "case_url": reverse("case", args=[0]).removesuffix("0/"),
            "signs": SIGNS,
            "severity": desk.severity,
            "state": desk.state,
            "clock_what": desk.clock_what,
            "mark": partial(desk.mark, words=tuple(words)),
            "clock": partial(desk.clock_of, seen),
            "when": partial(desk.when_of, seen),
            "face": partial(desk.face_of_owner, seen),
        }
    )
    return mark_safe(shown)  # noqa: S308 - Jinja2 has escaped what it was given
