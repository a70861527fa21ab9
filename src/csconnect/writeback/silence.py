"""How long csconnect keeps quiet about a matter that a person has ended, and the number of the next record about it (decision 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from csconnect.writeback.diff_opportunities import undone
from csconnect.writeback.keys import split_key, with_sequence
from csconnect.writeback.values import Existing, History, Options
from csconnect.writeback.wire import Writer


def age(item: Existing) -> tuple[int, str]:
    """Orders our records of one matter, the oldest first."""
    parts = split_key(item.key)
    return (parts[1] if parts else 0, item.record_id)


def next_sequence(writer: Writer, stem: str, ours: Sequence[Existing], history: History) -> int:
    """The first number that no record of ours about ``stem`` had, neither one that exists nor one that we remember making."""
    number = max((age(item)[0] for item in ours), default=0) + 1
    while (writer.connection, with_sequence(stem, number)) in history.made:
        number += 1
    return number


def silent(
    writer: Writer, stem: str, ours: Sequence[Existing], today: date, options: Options, history: History
) -> bool:
    """Whether a record about ``stem`` was ended less than `Options.snooze_days` ago, by anybody but csconnect itself; ``ours`` are
    those that exist, none of them open."""
    quiet = timedelta(days=options.snooze_days)
    ended = [item.closed_on or item.seen_on or today for item in ours if not undone(item, writer, history)]
    known = {item.key for item in ours}
    number = 1
    while day := history.made.get((writer.connection, with_sequence(stem, number))):
        if with_sequence(stem, number) not in known:
            # Deleted without a trace in the pull, or made after it: the day we made it is the only one we know.
            ended.append(day)
        number += 1
    return any(day + quiet > today for day in ended)
