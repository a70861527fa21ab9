"""Commands that tell what becomes of customers and their contracts: retention, renewals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from csconnect.cli.common import as_of_option, format_option, screen, workspace

if TYPE_CHECKING:
    from csconnect.report.screen import Screen
    from csconnect.stages.workspace import Workspace


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
    "--waterfall", is_flag=True, help="Healthy ARR instead: how it moved in the month before the day, and whose it is."
)
@click.option(
    "--team",
    is_flag=True,
    help="A row a CSM instead: reach rate, who found the expansions won in the period, contract and consumed MRR.",
)
@click.option(
    "--project",
    type=float,
    nargs=3,
    metavar="NEW CHURN EXPANSION",
    help="The inverted funnel instead: years ahead of today's ARR from three rates in percent, such as 30 10 20.",
)
@click.option("--years", type=click.IntRange(1, 50), default=5, show_default=True, help="How far ahead.")
@click.option(
    "--month", metavar="MONTH", help="A closed month instead, such as 2026-10, as it was stated, and restated since."
)
@click.option(
    "--forecast",
    is_flag=True,
    help="How right forecasts were instead: what open renewals were expected to bring, and what they brought.",
)
@click.option(
    "--changes", is_flag=True, help="With --month: the accounts that were restated, before and after, and why."
)
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
    waterfall: bool,
    team: bool,
    project: tuple[float, float, float] | None,
    years: int,
    month: str | None,
    forecast: bool,
    changes: bool,
    currency: str | None,
    as_of: date | None,
    form: str,
) -> int:
    """Say how many customers and how much ARR a period kept, lost and won, with every rate named by its base.

    Joiners never count in a period that had begun without them, and a rate whose base is zero has no value. Reads the lake and no
    system, and writes nothing.
    """
    output = screen(form)
    with workspace(obj, output) as space:
        day = as_of or space.today
        target = (currency or space.config.retention.currency or "").upper() or None
        wanted = [name.strip() for name in by.split(",") if name.strip()]
        if month:
            _closed(output, space, month, wanted, base, changes)
        elif forecast:
            _forecast(output, space, day)
        elif waterfall:
            _healthy(output, space, day, target)
        elif team:
            _team(output, space, period, day, target)
        elif project:
            _funnel(output, space, day, target, project, years)
        else:
            _rates(
                output,
                space,
                period,
                day,
                wanted,
                target,
                base,
                by_month,
            )
    return 0


def _rates(
    output: Screen,
    space: Workspace,
    period: str | None,
    day: date,
    by: list[str],
    currency: str | None,
    base: str,
    months: bool,
) -> None:
    from csconnect.report.retention import show_retention
    from csconnect.stages.retention import period_of
    from csconnect.stages.retention import retention as reckon

    found = reckon(space, period_of(space, period, day), day, by, currency)
    show_retention(output, found, base=base, months=months)


def _closed(output: Screen, space: Workspace, month: str, by: list[str], base: str, changes: bool) -> None:
    from csconnect.compute.statement import told_apart
    from csconnect.report.month import show_month
    from csconnect.stages.month import closed_month

    show_month(output, closed_month(space, month, named=changes), by=told_apart(by), base=base, listed=changes)


def _forecast(output: Screen, space: Workspace, day: date) -> None:
    from csconnect.report.forecast import show_forecast
    from csconnect.stages.forecast import forecast_errors

    show_forecast(output, forecast_errors(space, day))


def _healthy(output: Screen, space: Workspace, day: date, currency: str | None) -> None:
    from csconnect.report.healthy import show_healthy
    from csconnect.stages.healthy import healthy_month

    show_healthy(output, healthy_month(space, day, currency), space.config.language)


def _team(output: Screen, space: Workspace, period: str | None, day: date, currency: str | None) -> None:
    from csconnect.report.team import show_team
    from csconnect.stages.retention import period_of
    from csconnect.stages.team import team

    show_team(output, team(space, period_of(space, period, day), day, currency))


def _funnel(
    output: Screen,
    space: Workspace,
    day: date,
    currency: str | None,
    rates: tuple[float, float, float],
    years: int,
) -> None:
    from csconnect.compute.funnel import project
    from csconnect.report.funnel import show_funnel
    from csconnect.stages.retention import arr_on

    new, churn, expansion = (Decimal(str(rate)) / 100 for rate in rates)
    base, target = arr_on(space, day, currency)
    show_funnel(output, project(base, new=new, churn=churn, expansion=expansion, years=years), target)


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
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many to show; 0 for all.")
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
