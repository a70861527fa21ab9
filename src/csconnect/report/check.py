"""What a check found, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from csconnect.model.values import Finding, Level
from csconnect.report.screen import COLOURS, Screen, tame

LEVELS = list(Level)
"""From fine to broken."""
LOUD = ("PRODUCTION", "sandbox")


def show_findings(screen: Screen, connection: str, findings: Sequence[Finding]) -> None:
    """One line each: first where we are (the connector's own first line), then what needs a person, then what is fine."""
    places = sorted(range(len(findings)), key=lambda place: (place > 0, -LEVELS.index(findings[place].level), place))
    screen.table(
        [connection.upper(), "", "WHERE", "REMEDY"],
        [
            [str(each.level), _loud(each.what), each.where, "" if each.level is Level.OK else each.remedy]
            for each in (findings[place] for place in places)
        ],
    )


def _loud(what: str) -> Text:
    """Whether it is real or a rehearsal, in a colour nobody misses."""
    text = Text(tame(what))
    for word in LOUD:
        text.highlight_words([word], COLOURS[word])
    return text
