"""The command that looks after scorecards: test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csconnect.cli.common import format_option, screen

if TYPE_CHECKING:
    from csconnect.compute.cases import CaseResult
    from csconnect.compute.scorecard import Scorecard
    from csconnect.library.load import Library
    from csconnect.report.screen import Screen


@click.command()
@click.argument("cards", nargs=-1)
@click.option(
    "--library",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder with signals and scorecards; default that of the configuration, if there is one.",
)
@format_option
@click.pass_obj
def test(obj: dict[str, Any], cards: tuple[str, ...], folder: Path | None, form: str) -> int:
    """Run the example cases that scorecards carry: all cards, or the CARDS named.

    Every card is read and checked as a whole, with its signals; then each of its cases is scored and compared. Needs no
    connection and writes nothing. Exit code 0 when all cases pass, 1 otherwise.
    """
    from csconnect.stages.cases import test_cards

    output = screen(form)
    library = _library(obj, folder, output)
    results = test_cards([library.card(name) for name in cards or sorted(library.scorecards)])
    _show(output, results)
    return 0 if all(case.passed for _, cases in results for case in cases) else 1


def _library(obj: dict[str, Any], folder: Path | None, output: Screen) -> Library:
    from csconnect.cli.common import workspace
    from csconnect.connectors.registry import installed
    from csconnect.library.load import load_library

    if folder is None and (_named_configuration() or Path(obj["config"]).exists()):
        with workspace(obj, output) as space:
            return space.library
    return load_library([*installed().libraries, *([folder] if folder else [])])


def _named_configuration() -> bool:
    """Whether somebody said which configuration is meant; then it must be there."""
    return click.get_current_context().find_root().get_parameter_source("config") != ParameterSource.DEFAULT


def _show(output: Screen, results: list[tuple[Scorecard, list[CaseResult]]]) -> None:
    output.data(
        [
            {
                "card": card.scorecard,
                "version": card.version,
                "stamp": card.stamp,
                "cases": [{"case": case.case, "passed": case.passed, "wrong": list(case.wrong)} for case in cases],
            }
            for card, cases in results
        ]
    )
    for card, cases in results:
        failed = [case for case in cases if not case.passed]
        said = f"{len(cases) - len(failed)} of {len(cases)} cases pass" if cases else "carries no cases"
        output.line(card.scorecard, f"v{card.version} · {said}")
        for case in failed:
            output.say(f"  {case.case}: {'; '.join(case.wrong)}", "red")
