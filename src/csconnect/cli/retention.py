"""``csconnect retention``: what a period kept, lost and won, and the other figures of retention, a command each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csconnect.cli.common import as_of_option, format_option, screen, workspace

if TYPE_CHECKING:
    from csconnect.stages.workspace import Workspace

period_option = click.option(
    "--period",
    metavar="PERIOD",
    help="A fiscal year (2026), a quarter of one (2026-Q2) or a month (2026-05); by default the fiscal year of the day.",
)
by_option = click.option(
    "--by",
    metavar="DIMENSIONS",
    default="",
    help="Also by segment, industry, region, country, csm, product_line, start_month; several with commas between them.",
)
base_option = click.option(
    "--base",
    type=click.Choice(["due", "opening", "both"]),
    default="both",
    show_default=True,
    help="Rates of what fell due in the period, or of the customers at its opening. The two are never mixed.",
)
currency_option = click.option(
    "--currency", help="Convert into this currency (by default retention.currency; otherwise each for itself)."
)

one_currency_option = click.option(
    "--currency", help="In this currency (by default retention.currency, or the only one that orders are in)."
)


@click.group(invoke_without_command=True)
@period_option
@by_option
@base_option
@click.option(
    "--book",
    type=click.Choice(["business", "finance", "both"]),
    default="business",
    show_default=True,
    help="Due lines as orders make them, or as approved adjustments have changed them.",
)
@click.option("--by-month", is_flag=True, help="Also what fell due in each month.")
@currency_option
@as_of_option
@format_option
@click.pass_context
def retention(
    ctx: click.Context,
    period: str | None,
    by: str,
    base: str,
    book: str,
    by_month: bool,
    currency: str | None,
    as_of: date | None,
    form: str,
) -> int:
    """Say how many customers and how much ARR a period kept, lost and won, with every rate named by its base.

    Joiners never count in a period that had begun without them, and a rate whose base is zero has no value. The commands below say
    other figures. All read the lake and no system, and write nothing.
    """
    if ctx.invoked_subcommand:
        _nothing_before(ctx)
        return 0
    from csconnect.compute.due import Book
    from csconnect.report.retention import show_retention
    from csconnect.stages.retention import period_of
    from csconnect.stages.retention import retention as reckon

    output = screen(form)
    with workspace(ctx.obj, output) as space:
        day = as_of or space.today
        books = tuple(Book) if book == "both" else (Book(book),)
        found = reckon(space, period_of(space, period, day), day, _names(by), _target(space, currency), books)
        show_retention(output, found, base=base, months=by_month)
    return 0


def _nothing_before(ctx: click.Context) -> None:
    """Options are a command's own: what stands before its name would be passed over without a word."""
    for name in ctx.params:
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = next(each.opts[0] for each in ctx.command.params if each.name == name)
            raise click.UsageError(f"Write {option} after '{ctx.invoked_subcommand}'.", ctx)


@retention.command(short_help="How healthy ARR moved in a month, and whose it is.")
@one_currency_option
@as_of_option
@format_option
@click.pass_obj
def waterfall(obj: dict[str, Any], currency: str | None, as_of: date | None, form: str) -> int:
    """Say how healthy ARR moved in the month before the day, in seven steps, and whose it is."""
    from csconnect.report.healthy import show_healthy
    from csconnect.stages.healthy import healthy_month

    output = screen(form)
    with workspace(obj, output) as space:
        found = healthy_month(space, as_of or space.today, _target(space, currency))
        show_healthy(output, found, space.config.language)
    return 0


@retention.command(short_help="A closed month as stated, and restated since.")
@click.argument("month")
@click.option("--changes", is_flag=True, help="The accounts that were restated, before and after, and why.")
@click.option(
    "--by", metavar="DIMENSIONS", default="", help="Also by segment or csm, or both with a comma between them."
)
@base_option
@format_option
@click.pass_obj
def month(obj: dict[str, Any], month: str, changes: bool, by: str, base: str, form: str) -> int:
    """Say what a closed MONTH, such as 2026-10, was stated to be, and what was restated since.

    A run of csconnect sync closes the months that are over. What comes later never changes a statement: it makes another one.
    """
    from csconnect.compute.statement import told_apart
    from csconnect.report.month import show_month
    from csconnect.stages.month import closed_month

    output = screen(form)
    with workspace(obj, output) as space:
        apart = told_apart(_names(by))
        found = closed_month(space, month, named=changes or "csm" in apart)
        show_month(output, found, by=apart, base=base, listed=changes)
    return 0


@retention.command(short_help="How right forecasts were.")
@as_of_option
@format_option
@click.pass_obj
def forecast(obj: dict[str, Any], as_of: date | None, form: str) -> int:
    """Say how right forecasts were: what open renewals were expected to bring, and what they brought."""
    from csconnect.report.forecast import show_forecast
    from csconnect.stages.forecast import forecast_errors

    output = screen(form)
    with workspace(obj, output) as space:
        show_forecast(output, forecast_errors(space, as_of or space.today))
    return 0


@retention.command(short_help="By CSM: reach, expansions found, MRR.")
@period_option
@currency_option
@as_of_option
@format_option
@click.pass_obj
def team(obj: dict[str, Any], period: str | None, currency: str | None, as_of: date | None, form: str) -> int:
    """Say of each CSM the reach rate, who found the expansions won in the period, contract and consumed MRR."""
    from csconnect.report.team import show_team
    from csconnect.stages.retention import period_of
    from csconnect.stages.team import team as reckon

    output = screen(form)
    with workspace(obj, output) as space:
        day = as_of or space.today
        show_team(output, reckon(space, period_of(space, period, day), day, _target(space, currency)))
    return 0


@retention.command(short_help="What is under contract: ARR, MRR, ACV, TCV.")
@period_option
@by_option
@currency_option
@as_of_option
@format_option
@click.pass_obj
def contracted(
    obj: dict[str, Any], period: str | None, by: str, currency: str | None, as_of: date | None, form: str
) -> int:
    """Say what is under contract on the day: ARR, MRR and TCV, and the subscription revenue of the period (ACV)."""
    from csconnect.report.contracted import show_contracted
    from csconnect.stages.contracted import contracted as reckon
    from csconnect.stages.retention import period_of

    output = screen(form)
    with workspace(obj, output) as space:
        day = as_of or space.today
        found = reckon(space, period_of(space, period, day), day, _names(by), _target(space, currency))
        show_contracted(output, found)
    return 0


@retention.command(short_help="What is left of each month's customers.")
@click.option("--months", type=click.IntRange(1, 120), default=24, show_default=True, help="How many months back.")
@currency_option
@as_of_option
@format_option
@click.pass_obj
def cohorts(obj: dict[str, Any], months: int, currency: str | None, as_of: date | None, form: str) -> int:
    """Say what is left of the customers that started in each of the last months."""
    from csconnect.report.contracted import show_cohorts
    from csconnect.stages.contracted import cohorts as reckon

    output = screen(form)
    with workspace(obj, output) as space:
        show_cohorts(output, reckon(space, as_of or space.today, months, _target(space, currency)))
    return 0


@retention.command(short_help="Years ahead from new, churn and expansion.")
@click.argument("new", type=click.FloatRange(0, 1000))
@click.argument("churn", type=click.FloatRange(0, 100))
@click.argument("expansion", type=click.FloatRange(0, 1000))
@click.option("--years", type=click.IntRange(1, 50), default=5, show_default=True, help="How far ahead.")
@one_currency_option
@as_of_option
@format_option
@click.pass_obj
def funnel(
    obj: dict[str, Any],
    new: float,
    churn: float,
    expansion: float,
    years: int,
    currency: str | None,
    as_of: date | None,
    form: str,
) -> int:
    """Reckon years ahead of today's ARR from the rates of NEW, CHURN and EXPANSION in percent, such as 30 10 20: the inverted funnel."""
    from csconnect.compute.funnel import project
    from csconnect.report.funnel import show_funnel
    from csconnect.stages.retention import arr_on

    output = screen(form)
    rates = {
        name: Decimal(str(rate)) / 100 for name, rate in (("new", new), ("churn", churn), ("expansion", expansion))
    }
    with workspace(obj, output) as space:
        base, target = arr_on(space, as_of or space.today, _target(space, currency))
        show_funnel(output, project(base, **rates, years=years), target)
    return 0


def _names(by: str) -> list[str]:
    return [name.strip() for name in by.split(",") if name.strip()]


def _target(space: Workspace, currency: str | None) -> str | None:
    return (currency or space.config.retention.currency or "").upper() or None
