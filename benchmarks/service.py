"""What the service is promised to hold, measured from outside, as one table.

    python -m benchmarks.service [--quick] [MEASUREMENTS...]

A real ``leeroy serve`` stands between a sandbox GitHub (50 ms a call) and a sandbox Jenkins (25 ms),
each in a process of its own; webhooks are sent from here. The targets are those of docs/design.md.
It always ends well: whether a number holds on a busy machine is for a person to judge. The database
is made on the disk of the current folder, since what costs the time is a commit that outlives a
power cut; where ``LEEROY_TEST_POSTGRES`` holds the URL of a PostgreSQL, that is measured beside it.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from benchmarks.bench import Bench
from benchmarks.measurements import MANY_WAITING, MEASUREMENTS, OF_DATABASES, Row
from benchmarks.sandboxes import sandbox, serve_github, serve_jenkins
from benchmarks.served import schema_on

#: Written to a file as wide as on a terminal: a cut number is no number.
WIDTH = 150
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


def table_of(found: Mapping[str, Sequence[Row]]) -> Table:
    """The rows of each database, side by side, as people read them; SQLite has all of them."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    caption = f"{os.cpu_count()} cores, load {load}; medians of the rounds"
    table = Table(title="leeroy serve", caption=caption)
    table.add_column("", no_wrap=True)
    for database in found:
        table.add_column(database, no_wrap=True)
        table.add_column("held", no_wrap=True)
    table.add_column("target", no_wrap=True)
    held = {None: "", True: "yes", False: "NO"}
    for row in found[SQLITE]:
        same = [
            next((one for one in rows if one.what == row.what), None) for rows in found.values()
        ]
        cells = [(one.measured, held[one.holds]) if one else ("", "") for one in same]
        table.add_row(row.what, *(text for cell in cells for text in cell), row.target)
    return table


@click.command()
@click.argument("measurements", nargs=-1, type=click.Choice(list(MEASUREMENTS)))
@click.option("--quick", is_flag=True, help="One round of a few: to see that it works.")
@click.option("--rounds", default=3, show_default=True, help="Rounds that medians are of.")
@click.option("--pulls", default=MANY_WAITING, help="At most so many pull requests at a time.")
def main(measurements: tuple[str, ...], quick: bool, rounds: int, pulls: int) -> None:
    """Make the MEASUREMENTS, or all, and print the table."""
    chosen = measurements or tuple(MEASUREMENTS)
    postgresql = os.environ.get("LEEROY_TEST_POSTGRES", "")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=".", prefix=".bench-")))
        bench = Bench(
            folder=folder.resolve(),
            github=stack.enter_context(sandbox(serve_github, folder.resolve() / "github")),
            jenkins=stack.enter_context(sandbox(serve_jenkins, folder.resolve() / "jenkins")),
            database=lambda: nullcontext(""),
            rounds=1 if quick else rounds,
            most=min(pulls, 50) if quick else pulls,
        )
        found: dict[str, list[Row]] = {SQLITE: []}
        if postgresql:
            found[POSTGRESQL] = []
        for name in chosen:
            found[SQLITE] += MEASUREMENTS[name](bench)
            if postgresql and name in OF_DATABASES:
                other = replace(
                    bench,
                    folder=bench.folder / "postgresql",
                    database=partial(schema_on, postgresql),
                )
                found[POSTGRESQL] += MEASUREMENTS[name](other)
        console = Console(width=max(Console().width, WIDTH))
        console.print(table_of(found))
        if not postgresql:
            console.print("PostgreSQL was not measured: LEEROY_TEST_POSTGRES holds no URL of one.")


if __name__ == "__main__":
    main()
