"""Guards: what a run may do before a person has to say why (architecture, decision 19)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from csconnect.errors import GuardError
from csconnect.model.values import Action, Change, Guarding, Scalar
from csconnect.writeback.values import Guards
from csconnect.writeback.wire import Writers

SHRANK = "pull-shrank"
BANDS = "bands-moved"
CAP = "owner-cap"
FIRST = "switched-off"
_STOPPING = {SHRANK, BANDS}
_REASON = 'If this is right, run again with --because "the reason"'


@dataclass(frozen=True)
class Guarded:
    """What is left of the changes, and what every guard that spoke had to say."""

    changes: tuple[Change, ...]
    guards: tuple[Guarding, ...]


def guard(
    changes: Sequence[Change],
    writers: Writers,
    guards: Guards | None = None,
    *,
    pulls: Mapping[str, tuple[int, int]] | None = None,
    accounts: int = 0,
    first_run: bool = False,
    because: str = "",
) -> Guarded:
    """Hold back what is too much at once.

    ``pulls`` has the rows of each entity before and after this pull; ``accounts`` is how many accounts are scored; ``because``
    lifts the two guards that stop a run (`stops`), which then are recorded as lifted. Caps and switches are never lifted.
    """
    guards = guards or Guards()
    spoken = [*_shrunk(pulls or {}, guards), *_bands(changes, writers, accounts, guards)]
    if spoken and not because:
        return Guarded((), tuple(item.model_copy(update={"stopped": len(changes)}) for item in spoken))
    lifted = [item.model_copy(update={"remedy": f"lifted: {because}"}) for item in spoken]
    allowed, switched = _switched(changes, guards, first_run)
    kept, capped = _capped(allowed, writers, guards)
    return Guarded(tuple(kept), (*lifted, *switched, *capped))


def stops(guards: Iterable[Guarding]) -> list[Guarding]:
    """Those that stopped the whole run: exit code 4, also where rows that went missing would have changed nothing."""
    return [item for item in guards if item.name in _STOPPING and item.remedy == _REASON]


def require_clear(guards: Iterable[Guarding]) -> None:
    """Raise `GuardError` naming the first guard that stopped the run."""
    for item in stops(guards):
        code = "E-PULL-SHRANK" if item.name == SHRANK else "E-BANDS-MOVED"
        what = f"{item.measured}, where {item.limit} is the limit; nothing was written"
        raise GuardError(what, where=item.name, remedy=item.remedy, code=code)


def _shrunk(pulls: Mapping[str, tuple[int, int]], guards: Guards) -> list[Guarding]:
    return [
        Guarding(
            name=SHRANK,
            measured=f"{entity} fell from {before:,} to {after:,} rows ({(before - after) / before:.0%} fewer)",
            limit=f"{guards.shrink:.0%} fewer",
            remedy=_REASON,
        )
        for entity, (before, after) in sorted(pulls.items())
        if before > 0 and before - after > guards.shrink * before
    ]


def _bands(changes: Iterable[Change], writers: Writers, accounts: int, guards: Guards) -> list[Guarding]:
    moved = sum(1 for change in changes if _band_moves(change, writers))
    if moved <= guards.bands * accounts:
        return []
    share = f" ({moved / accounts:.0%})" if accounts else ""
    measured = f"{moved:,} of {accounts:,} accounts would change their band{share}"
    return [Guarding(name=BANDS, measured=measured, limit=f"{guards.bands:.0%}", remedy=_REASON)]


def _band_moves(change: Change, writers: Writers) -> bool:
    writer = writers.of_change(change)
    field = writer.field_of("health_band") if writer and change.entity == "account" else None
    # An account that had no band yet gets its first one; that is no change of mind.
    return field is not None and field in change.values and change.before.get(field) not in (None, "")


def _switched(changes: Iterable[Change], guards: Guards, first_run: bool) -> tuple[list[Change], list[Guarding]]:
    switches = {"task": ("tasks", guards.tasks), "opportunity": ("opportunities", guards.opportunities)}
    off = {entity for entity, (_, on) in switches.items() if on is False or (on is None and first_run)}
    kept: list[Change] = []
    held: dict[str, int] = defaultdict(int)
    for change in changes:
        if change.entity in off:
            held[change.entity] += 1
        else:
            kept.append(change)
    return kept, [
        Guarding(
            name=FIRST,
            measured=f"{count:,} changes of {switches[entity][0]}",
            limit="the first run writes only account fields"
            if first_run
            else f"{switches[entity][0]} are switched off",
            remedy=f"Set '{entity}: true' under write_back to allow them",
            stopped=count,
        )
        for entity, count in sorted(held.items())
    ]


def _capped(changes: Iterable[Change], writers: Writers, guards: Guards) -> tuple[list[Change], list[Guarding]]:
    caps = {"task": guards.new_tasks, "opportunity": guards.new_opportunities}
    kept: list[Change] = []
    piles: dict[tuple[str, str, str], list[Change]] = defaultdict(list)
    for change in changes:
        if change.action is Action.CREATE and caps.get(change.entity) is not None:
            piles[change.entity, change.connection, _owner(change, writers)].append(change)
        else:
            kept.append(change)
    spoken: list[Guarding] = []
    for (entity, connection, owner), pile in sorted(piles.items()):
        most = caps[entity] or 0
        kept += sorted(pile, key=lambda change: _soonest(change, writers))[:most]
        if len(pile) > most:
            measured = f"{len(pile):,} new {entity} records for owner {owner or 'nobody'} of {connection}"
            remedy = "The rest come in later runs; the soonest go first"
            spoken.append(
                Guarding(name=CAP, measured=measured, limit=str(most), remedy=remedy, stopped=len(pile) - most)
            )
    return sorted(kept, key=lambda change: change.id), spoken


def _owner(change: Change, writers: Writers) -> str:
    writer = writers.of_change(change)
    field = writer.field_of("owner_id") if writer else None
    return str(change.values.get(field) or "") if field else ""


def _soonest(change: Change, writers: Writers) -> tuple[str, str]:
    writer = writers.of_change(change)
    name = "due_on" if change.entity == "task" else "close_on"
    field = writer.field_of(name) if writer else None
    due: Scalar = change.values.get(field) if field else None
    return (str(due or "9999"), change.id)
