"""Say which platforms there are, and write down every request we would send them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from connectors import describing
from connectors.kit import Connector
from connectors.registry import CATALOGUE


class Command(BaseCommand):
    """List the catalogue, for people or for machines."""

    help = "List the platforms and what each can do."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="the list for machines")
        parser.add_argument(
            "--capture",
            type=Path,
            metavar="FILE",
            help="write every request of every platform that publishes a contract, one per line",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        if options["capture"]:
            lines = [json.dumps(sent, ensure_ascii=False) for sent in captured()]
            options["capture"].write_text("".join(f"{line}\n" for line in lines))
            self.stdout.write(f"{len(lines)} requests in {options['capture']}")
        elif options["json"]:
            self.stdout.write(json.dumps([facts(each) for each in CATALOGUE], indent=2))
        else:
            for each in CATALOGUE:
                self.stdout.write(
                    f"{each.name:12} {', '.join([*each.abilities, *(['inbound'] if each.inbound else [])])}"
                )


def facts(connector: Connector[Any]) -> dict[str, Any]:
    return {
        "slug": connector.slug,
        "name": connector.name,
        "operations": list(connector.abilities),
        "inbound": connector.inbound is not None,
        "contract": connector.contract_file,
    }


def captured() -> Iterator[dict[str, Any]]:
    for connector in CATALOGUE:
        if connector.contract_file:
            for requests in describing.every_operation(connector).values():
                yield from ({"slug": connector.slug, **sent} for sent in requests)
