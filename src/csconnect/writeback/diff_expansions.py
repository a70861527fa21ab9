"""An expansion is one opportunity an account at a time, whoever made it; one that a person has ended is not asked for again at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from csconnect.model.values import Change
from csconnect.writeback.diff_opportunities import creation, undone
from csconnect.writeback.keys import split_key, with_sequence
from csconnect.writeback.silence import next_sequence, silent
from csconnect.writeback.values import Desired, Existing, History, Options, State
from csconnect.writeback.wire import Writer

EXPANSION = "expansion"
"""The rule of what is desired, and the kind of what exists."""


def expansion_changes(
    writer: Writer,
    desired: Iterable[Desired],
    existing: Iterable[Existing],
    today: date,
    options: Options,
    history: History,
) -> list[Change]:
    """One create for each wanted expansion of an account that has none open and none that ended less than `Options.snooze_days` ago.

    Those of people and of other product lines count as ours do: a customer who has just said yes or no is left in peace. Nothing is
    ever changed or closed: what becomes of an opportunity is the salesperson's.
    """
    of_account: dict[str, list[Existing]] = defaultdict(list)
    for item in existing:
        if _is_expansion(item):
            of_account[item.account].append(item)
    changes: list[Change] = []
    served: set[str] = set()
    for stem, want in sorted((want.key, want) for want in desired if want.key):
        there = of_account[want.account]
        ours = [item for item in there if (parts := split_key(item.key)) and parts[0] == stem]
        if want.account in served or _stands_in_the_way(writer, stem, there, ours, today, options, history):
            continue
        served.add(want.account)
        changes.append(creation(writer, want, with_sequence(stem, next_sequence(writer, stem, ours, history))))
    return changes


def _is_expansion(item: Existing) -> bool:
    ours = (split_key(item.key) or ("",))[0].startswith(f"{EXPANSION}|")
    return ours or item.kind == EXPANSION


def _stands_in_the_way(
    writer: Writer,
    stem: str,
    there: Sequence[Existing],
    ours: Sequence[Existing],
    today: date,
    options: Options,
    history: History,
) -> bool:
    if any(item.status is State.OPEN for item in there):
        return True
    beside = [item for item in there if item not in ours]
    if any(not undone(item, writer, history) and _lately(item, today, options) for item in beside):
        return True
    return silent(writer, stem, ours, today, options, history)


def _lately(item: Existing, today: date, options: Options) -> bool:
    ended = item.closed_on or item.seen_on or today
    return (today - ended).days < options.snooze_days
