"""Commands that tell what becomes of customers and their contracts: retention."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from csconnect.cli.common import as_of_option, format_option, screen, workspace


@click.command()
@click.option(
    "--period",
    metavar="PERIOD",
    help="A fiscal year (2026), a quarter of one (2026-Q2) or a month (2026-05); by default the fiscal year of the day.",
)
@click.option(
    "--by",
    metavar="DIMENSIONS",
    default="",
    help="Also by segment, industry, region, country, csm, product_line, start_month; several with commas between them.",
)
@click.option(
    "--base",
    type=click.Choice(["due", "opening", "both"]),
    default="both",
    show_default=True,
    help="Rates of what fell due in the period, or of the customers at its opening. The two are never mixed.",
)
@click.option("--by-month", is_flag=True, help="Also what fell due in each month.")
@click.option(
    "--currency", help="Convert into this currency (by default retention.currency; otherwise each for itself)."
)
@as_of_option
@format_option
@click.pass_obj
def retention(
    obj: dict[str, Any],
    period: str | None,
    by: str,
    base: str,
    by_month: bool,
    currency: str | None,
    as_of: date | None,
    form: str,
) -> int:
    """Say how many customers and how much ARR a period kept, lost and won, with every rate named by its base.

    Joiners never count in a period that had begun without them, and a rate whose base is zero has no value. Reads the lake and no
    system, and writes nothing.
    """
    from csconnect.report.retention import show_retention
    from csconnect.stages.retention import period_of
    from csconnect.stages.retention import retention as reckon

    output = screen(form)
    with workspace(obj, output) as space:
        day = as_of or space.today
        wanted = [name.strip() for name in by.split(",") if name.strip()]
        target = (currency or space.config.retention.currency or "").upper() or None
        found = reckon(space, period_of(space, period, day), day, wanted, target)
        show_retention(output, found, base=base, months=by_month)
    return 0
