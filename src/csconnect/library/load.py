"""Read signals, roll-ups, scorecards, dangers, phrases and rules of quality from folders: ``signals/**/*.sql`` (a folder a family),
``rollups/*.sql``, ``scorecards/*.yaml``, ``dangers/*.yaml``, ``phrases/*.yaml``, ``quality/*.sql``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csconnect.compute.cardfile import parse_scorecard
from csconnect.compute.contradiction import Rule, parse_rule
from csconnect.compute.danger import Dangers, parse_dangers
from csconnect.compute.phrases import Phrases, parse_phrases
from csconnect.compute.query import tables_named
from csconnect.compute.rollup import Rollup, parse_rollup
from csconnect.compute.schema import table_columns
from csconnect.compute.scorecard import Scorecard
from csconnect.compute.signal import Signal, parse_signal
from csconnect.errors import CardError

SHIPPED = Path(__file__).parent


@dataclass(frozen=True)
class Library:
    """Everything that can judge an account, by name; ``quality`` are the rules that find contradictions in the facts."""

    signals: dict[str, Signal]
    scorecards: dict[str, Scorecard]
    phrases: dict[str, Phrases]
    rollups: dict[str, Rollup] = field(default_factory=dict)
    dangers: dict[str, Dangers] = field(default_factory=dict)
    quality: dict[str, Rule] = field(default_factory=dict)

    def card(self, name: str) -> Scorecard:
        """The scorecard called ``name``; `CardError` with the known names otherwise."""
        if name not in self.scorecards:
            raise CardError(f"no scorecard {name!r}", remedy=f"Known: {', '.join(sorted(self.scorecards))}")
        return self.scorecards[name]

    def causes(self, name: str) -> Dangers:
        """The dangers called ``name``; `CardError` with the known names otherwise."""
        if name not in self.dangers:
            raise CardError(f"no dangers {name!r}", remedy=f"Known: {', '.join(sorted(self.dangers))}; null for none")
        return self.dangers[name]


def load_library(folders: Sequence[Path] = ()) -> Library:
    """Load the shipped library and then ``folders``; a later file replaces an earlier one of the same name.

    Of phrases it replaces what it names.
    """
    for folder in folders:
        if not folder.is_dir():
            raise CardError("there is no such folder", where=str(folder), remedy="Mend library: in the configuration")
    places = [SHIPPED, *folders]
    rollups = _rollups(places)
    signals = {
        path.stem: parse_signal(path.stem, path.read_text("utf-8"), _where(path), rollups, _family(path))
        for folder in places
        for path in sorted((folder / "signals").rglob("*.sql"))
    }
    scorecards = {}
    for folder in places:
        for path in sorted((folder / "scorecards").glob("*.yaml")):
            card = parse_scorecard(path.read_text("utf-8"), _where(path), signals)
            scorecards[card.scorecard] = card
    return Library(signals, scorecards, _phrases(places, signals), rollups, _dangers(places, signals), _rules(places))


def _dangers(places: Sequence[Path], signals: Mapping[str, Signal]) -> dict[str, Dangers]:
    """Dangers by name; a later folder replaces those of the same name."""
    files = [path for folder in places for path in sorted((folder / "dangers").glob("*.yaml"))]
    found = (parse_dangers(path.read_text("utf-8"), _where(path), signals) for path in files)
    return {rules.dangers: rules for rules in found}


def _rollups(places: Sequence[Path]) -> dict[str, Rollup]:
    """Roll-ups in the order in which one reads another; a later folder replaces one of the same name."""
    files = {path.stem: path for folder in places for path in sorted((folder / "rollups").glob("*.sql"))}
    waiting = {name: path.read_text("utf-8") for name, path in sorted(files.items())}
    reads = {name: tables_named(text) - {name} for name, text in waiting.items()}
    found: dict[str, Rollup] = {}
    while waiting:
        ready = [name for name in waiting if not reads[name] & waiting.keys()]
        if not ready:
            raise CardError(
                f"the roll-ups {', '.join(waiting)} read each other", where=_where(files[next(iter(waiting))])
            )
        for name in ready:
            found[name] = parse_rollup(name, waiting.pop(name), _where(files[name]), table_columns(), found)
    return found


def _rules(places: Sequence[Path]) -> dict[str, Rule]:
    files = {path.stem: path for folder in places for path in sorted((folder / "quality").glob("*.sql"))}
    return {name: parse_rule(name, path.read_text("utf-8"), _where(path)) for name, path in sorted(files.items())}


def _family(path: Path) -> str:
    return "" if path.parent.name == "signals" else path.parent.name


def _phrases(places: Sequence[Path], signals: Mapping[str, Signal]) -> dict[str, Phrases]:
    """The words of each language: those that signals bring, and what the files say. A file adds to what was said before it, so that
    one sentence for one signal is enough; a signal that has no words is called by its title."""
    said: dict[str, dict[str, Any]] = {}
    for name, signal in signals.items():
        for language, words in signal.header.words.items():
            said.setdefault(language, {})[name] = words.model_dump(exclude_none=True)
    spoken: dict[str, dict[str, Any]] = {}
    for path in (path for folder in places for path in sorted((folder / "phrases").glob("*.yaml"))):
        onto = spoken.get(path.stem, {"drivers": said.get(path.stem, {})})
        spoken[path.stem] = parse_phrases(path.read_text("utf-8"), _where(path), onto)
    titles = {name: signal.header.title for name, signal in signals.items()}
    called = {
        language: {name: title[language] for name, title in titles.items() if language in title} for language in spoken
    }
    return {
        language: Phrases.model_validate({**words, "titles": {**called[language], **words.get("titles", {})}})
        for language, words in spoken.items()
    }


def _where(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
