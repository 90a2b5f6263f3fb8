"""Measure the desk: ``python -m tests.bench [--cases 100000,1000000] [--only NAME] [--quick] [--json PATH]``."""

import argparse
import importlib
import json
import os
import platform
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, table
from tests.bench.place import place

PARTS = ("intake", "watch", "outbound", "drain", "board", "live")


@dataclass(frozen=True)
class Asked:
    """How much to measure; ``rounds`` is how often, of the tries that a full run makes."""

    sizes: tuple[int, ...]
    quick: bool

    def rounds(self, full: int) -> int:
        return max(5, full // 5) if self.quick else full


def main() -> None:
    options = arguments()
    # Being told to stop unwinds like Ctrl-C, so that no process and no database is left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    asked = Asked(
        options.cases or ((20_000,) if options.quick else (100_000, 1_000_000)), options.quick
    )
    began, load = time.monotonic(), os.getloadavg()
    figures: list[Figure] = []
    with place():
        for name in options.only or PARTS:
            print(f"{time.monotonic() - began:6.0f} s  {name}", file=sys.stderr, flush=True)
            # Its models can only be imported now that Django knows where it is.
            figures += importlib.import_module(f"tests.bench.{name}").measure(asked)
        peaks: dict[str, float] = importlib.import_module("tests.bench.desk").peaks
    figures += [
        Figure("memory", f"{kind}, at most", size, unit="MB") for kind, size in peaks.items()
    ]
    about = {**machine(), "load_before": load, "load_after": os.getloadavg()}
    print(f"\n{told(about)} Took {time.monotonic() - began:.0f} s.\n\n{table(figures)}\n")
    written = {**about, "sizes": asked.sizes, "quick": asked.quick}
    options.json.write_text(
        json.dumps({**written, "figures": [one.document() for one in figures]}, indent=1)
    )
    print(f"The same as JSON: {options.json}")


def arguments() -> argparse.Namespace:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    usual = Path(tempfile.gettempdir()) / f"flagstand-bench-{stamp}.json"
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the desk.")
    parser.add_argument(
        "--cases", type=sizes, help="How many, several with commas (100000,1000000)"
    )
    parser.add_argument(
        "--only", action="append", choices=PARTS, help="Repeat it for more than one"
    )
    parser.add_argument("--quick", action="store_true", help="Few rounds, few cases")
    parser.add_argument("--json", type=Path, default=usual, help="Where to write the figures")
    return parser.parse_args()


def sizes(text: str) -> tuple[int, ...]:
    return tuple(sorted(int(part) for part in text.split(",")))


def machine() -> dict[str, Any]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


def told(about: dict[str, Any]) -> str:
    before, after = (
        ", ".join(f"{part:.1f}" for part in about[f"load_{when}"]) for when in ("before", "after")
    )
    return f"{about['cpus']} processors, load {before} before and {after} after."


if __name__ == "__main__":
    main()
