"""The budgets that ruff cannot keep: sizes of modules and connectors, and words that we do not use."""

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.home import ROOT

PACKAGES = ("config", "dashboards", "connectors", "exceptions_app")
MODULES = sorted(
    path.relative_to(ROOT)
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
PLATFORMS = [path for path in MODULES if "platforms" in path.parts and path.stem != "__init__"]
# What Django looks for in every app; the rest of the package's top is what connectors share.
EDGES = ("__init__", "admin", "apps", "models", "urls")
LONGEST_MODULE, LONGEST_CONNECTOR, WITH_INBOUND, MEDIAN = 300, 60, 90, 76
#: What every connector stands on, by what it is for; none may grow unnoticed. README says why so much.
MACHINERY = {"out": 1331, "in": 669, "vocabulary": 144, "tools": 205}
PARTS = {
    "in": {"hooks", "inbound", "understanding", "links", "reconciling", "proofs"},
    "vocabulary": {"graphql", "mailing", "markup", "replies", "words"},
    "tools": {"describing", "forms"},
}
# The other words for our things (style.md 3.11), and the ones that say nothing.
BANNED = re.compile(
    r"(^|_)(ticket|incident|ping|feed|provider|entity|asset|workflow|stage|checkpoint|eta|deadline"
    r"|detector|trigger|priority|urgency|timer|violation|chain|rota|automation|runbook"
    r"|adapter|plugin|dto|notification|principal)s?(_|$)"
)
BEGINNINGS = ("get_", "process_", "handle_", "do_")
# Names that somebody else's framework, format or protocol prescribes.
PRESCRIBED = re.compile(
    r"^get_(queryset|context_data|field_queryset|urls|permissions|serializer_class|prep_value|fields"
    r"|readonly_fields|search_results|schema_fields|paginated_response|paginated_response_schema"
    r"|object|actions|inlines|list_display|form|formset|absolute_url|security_definition"
    r"|security_requirement|authenticate_header|default_username|instance|rate|cache_key|ident|tag_uri"
    r"|operation_id|tags|summary|description|auth|override_parameters|request_serializer"
    r"|response_serializers|examples|serializer_name|available_name)$"
)


def lines(path: Path) -> int:
    """Count what is written: code, without blank lines, comments and docstrings."""
    text = (ROOT / path).read_text()
    prose = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if ast.get_docstring(node) and isinstance(node.body[0], ast.Expr)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    return sum(
        1
        for number, line in enumerate(text.splitlines(), start=1)
        if number not in prose and line.strip() and not line.strip().startswith("#")
    )


def public_names(path: Path) -> Iterator[str]:
    """Give every name that others may use: functions, classes, their methods, module constants."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.AsyncFunctionDef(name=name):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def is_bad(name: str) -> bool:
    if name.startswith("_") or PRESCRIBED.match(name):
        return False
    return bool(BANNED.search(snake(name))) or name.startswith(BEGINNINGS)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_is_short(path):
    assert len((ROOT / path).read_text().splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", PLATFORMS, ids=str)
def test_a_connector_is_shorter(path):
    text = (ROOT / path).read_text()
    two_ways = "kit.Inbound(" in text or "    read=" in text

    assert lines(path) <= (WITH_INBOUND if two_ways else LONGEST_CONNECTOR)


def test_connectors_stay_short():
    assert statistics.median(map(lines, PLATFORMS)) <= MEDIAN


def test_what_connectors_share_stays_small():
    shared = [
        path for path in MODULES if path.parent == Path("connectors") and path.stem not in EDGES
    ]
    named = {part: [p for p in shared if p.stem in stems] for part, stems in PARTS.items()}
    named["out"] = [path for path in shared if not any(path in found for found in named.values())]

    over = {
        part: total
        for part, paths in named.items()
        if (total := sum(map(lines, paths))) > MACHINERY[part]
    }
    assert over == {}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_public_names_use_our_words(path):
    assert [name for name in [path.stem, *public_names(path)] if is_bad(name)] == []


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_says_in_a_sentence_what_is_in_it(path):
    tree = ast.parse((ROOT / path).read_text())

    assert not tree.body or (ast.get_docstring(tree) or "").split("\n\n")[0].endswith((".", "?"))


def test_settings_are_one_short_file():
    assert len((ROOT / "config/settings.py").read_text().splitlines()) <= 250


def test_packages_have_no_modules_named_after_nothing():
    assert not [
        path for path in MODULES if re.fullmatch("utils|helpers|common|manager|handler", path.stem)
    ]
