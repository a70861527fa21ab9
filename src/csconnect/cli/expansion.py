"""The command that says who may be asked to buy more: expansions."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from csconnect.cli.common import as_of_option, format_option, screen, workspace


@click.command()
@click.option("--owner", help="Only those of this owner: a name or a key.")
@click.option("--passed", is_flag=True, help="Only those whom nothing holds back.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=50, show_default=True, help="How many the table shows; 0 for all."
)
@as_of_option
@format_option
@click.pass_obj
def expansions(obj: dict[str, Any], owner: str | None, passed: bool, limit: int, as_of: date | None, form: str) -> int:
    """List who has a reason to buy more, whether it may be asked now, and if not what holds it back.

    Reasons are seats nearly all in use, a quota nearly used up, and a stated need. Reads the lake and no system, and writes nothing:
    opportunities are made by sync, where expansion.enabled says so.
    """
    from csconnect.report.expansion import show_expansions
    from csconnect.stages.expansion import expansions as listed

    output = screen(form)
    with workspace(obj, output) as space:
        show_expansions(output, listed(space, as_of or space.today, owner=owner, passed=passed), limit or None)
    return 0
