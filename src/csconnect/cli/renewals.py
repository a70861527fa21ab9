"""``csconnect renewals``: the due list."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from csconnect.cli.common import as_of_option, format_option, screen, workspace

STATES = ("not_due", "due", "deferred", "renewed", "churned", "won_back")


@click.command()
@click.option(
    "--state",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    help="Which states to list, several times for several (default: due and deferred).",
)
@click.option("--within", type=click.IntRange(0, 1100), help="Also what ends within so many days.")
@click.option("--owner", help="Only those of this owner: a name or a key.")
@click.option("--mismatch", is_flag=True, help="Only those where something does not fit together.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many the table shows; 0 for all."
)
@as_of_option
@format_option
@click.pass_obj
def renewals(
    obj: dict[str, Any],
    states: tuple[str, ...],
    within: int | None,
    owner: str | None,
    mismatch: bool,
    limit: int,
    as_of: date | None,
    form: str,
) -> int:
    """List what is due: when, for how much, whose it is, what is open for it, and what of that does not fit together.

    HEALTH is the score of today's card, OUTLOOK that of the renewal risk card; 0 is worst and 100 best in both. Reads the lake and no
    system, and writes nothing.
    """
    from csconnect.report.renewals import show_renewals
    from csconnect.stages.renewals import renewals as listed

    output = screen(form)
    with workspace(obj, output) as space:
        wanted = states or ("due", "deferred")
        found = listed(space, as_of or space.today, states=wanted, within=within, owner=owner, flagged=mismatch)
        show_renewals(output, found, limit or None)
    return 0
