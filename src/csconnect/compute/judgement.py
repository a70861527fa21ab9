"""What judges an account, as one value that can be kept as text and be read back: the cards with their precedence, the signals and
roll-ups they need, and the days of grace.

Two judgements with one digest give every account the same score on the same facts. What does not judge (the cases and the story of a
card, the words of a signal, where a file lies) is left out of the text, so that mending a sentence is no change of configuration.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from csconnect.compute.assign import CardRule, Cards
from csconnect.compute.rollup import Rollup, parse_rollup
from csconnect.compute.schema import table_columns
from csconnect.compute.scorecard import Scorecard
from csconnect.compute.signal import Signal, parse_signal
from csconnect.errors import CardError

FORMAT = 1
"""Of the document."""


@dataclass(frozen=True)
class Judgement:
    """``signals`` holds at least all that ``cards`` need."""

    cards: Cards
    signals: Mapping[str, Signal]
    grace_days: int

    def document(self) -> str:
        """Everything that judges, as JSON; dimensions and signals in the card's order, which shares out the rounding."""
        needed = [self.signals[name] for name in self.cards.needs()]
        rollups = {rollup.name: rollup for signal in needed for rollup in signal.rollups}
        stage = self.cards.reckons_stage
        rollups |= {rollup.name: rollup for rollup in ((*stage.rollups, stage) if stage else ())}
        said = {
            "format": FORMAT,
            "default": self.cards.default.scorecard,
            "rules": [
                {"card": rule.card.scorecard, "when": {name: sorted(values) for name, values in rule.when.items()}}
                for rule in self.cards.rules
            ],
            "cards": {name: _card(card) for name, card in self.cards.by_name.items()},
            "signals": {signal.name: _file(signal, _SIGNAL_TALK) for signal in needed},
            "rollups": {name: _file(rollup, _ROLLUP_TALK) for name, rollup in sorted(rollups.items())},
            "stage": stage.name if stage else None,
            "grace_days": self.grace_days,
        }
        return json.dumps(said, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the document."""
        return digest_of(self.document())


def digest_of(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()


def parse_judgement(document: str, called: str) -> Judgement:
    """The judgement of a document; `CardError` says what of it can no longer be read. ``called`` names it, such as
    ``judgement of 2026-10-01``."""
    try:
        said = json.loads(document)
        if said["format"] != FORMAT:
            raise CardError(f"it is of format {said['format']}, and this version reads {FORMAT}", where=called)
        rollups = _rollups(said["rollups"], called)
        signals = {
            name: parse_signal(name, text, f"{called}, signal {name}", rollups)
            for name, text in said["signals"].items()
        }
        cards = {name: _read_card(name, each, called) for name, each in said["cards"].items()}
        rules = tuple(CardRule(cards[rule["card"]], rule["when"]) for rule in said["rules"])
        found = Cards(cards[said["default"]], rules, rollups.get(said["stage"] or ""))
        if missing := [name for name in found.needs() if name not in signals]:
            raise CardError(f"the signal {missing[0]} is missing", where=called)
        return Judgement(found, signals, int(said["grace_days"]))
    except (ValueError, KeyError, TypeError) as error:
        raise CardError(f"it cannot be read: {type(error).__name__}", where=called) from None


def _card(card: Scorecard) -> dict[str, Any]:
    # Defaults are left out, so that a key that a later version adds to cards does not change what was said before it.
    return card.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"cases", "about"})


_SIGNAL_TALK = {"title": {}, "unit": "", "source": "", "words": {}}
_ROLLUP_TALK = {"about": ""}
"""What headers say for people, and what stands in its place."""


def _file(file: Signal | Rollup, talk: Mapping[str, Any]) -> str:
    """The file of a signal or roll-up, its header without ``talk`` as JSON, which is YAML too."""
    header = {**file.header.model_dump(mode="json", exclude_defaults=True), **talk}
    body = file.text[file.text.find("*/") + 2 :]
    return f"/*{json.dumps(header, ensure_ascii=False)}*/{body}"


def _rollups(texts: Mapping[str, str], called: str) -> dict[str, Rollup]:
    """In the order of their names, in which a roll-up may read those before it."""
    found: dict[str, Rollup] = {}
    for name, text in sorted(texts.items()):
        found[name] = parse_rollup(name, text, f"{called}, roll-up {name}", table_columns(), found)
    return found


def _read_card(name: str, data: Any, called: str) -> Scorecard:
    try:
        return Scorecard.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise CardError(
            f"{place}: {first['msg'].removeprefix('Value error, ')}", where=f"{called}, card {name}"
        ) from None


def sources(judgement: Judgement) -> set[str]:
    """The entities that its signals are made from, ``account`` and ``term`` included: they decide who is served."""
    needed = (judgement.signals[name].header.entities for name in judgement.cards.needs())
    return {"account", "term"}.union(*needed)
