"""Desired against existing: the changes that would make the CRM say what it should.

The rules are architecture decisions 5 to 10. The diff is pure: the same input gives the same changes, in the same order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from csconnect.model.values import Change
from csconnect.writeback.diff_accounts import account_changes
from csconnect.writeback.diff_expansions import EXPANSION, expansion_changes
from csconnect.writeback.diff_opportunities import opportunity_changes
from csconnect.writeback.diff_tasks import task_changes
from csconnect.writeback.ownership import check_owned
from csconnect.writeback.values import Desired, Existing, History, Options
from csconnect.writeback.wire import Writer, Writers


def diff(
    desired: Iterable[Desired],
    existing: Iterable[Existing],
    writers: Writers,
    *,
    today: date,
    options: Options | None = None,
    history: History | None = None,
) -> list[Change]:
    """All changes, sorted by id; held accounts, and entities that no mapping writes, are left out.

    ``today`` is the run's ``as_of``; silences are counted to it. Raises `PlanError` if a change were not ours (law 5).
    """
    options, history = options or Options(), history or History()
    wanted: dict[tuple[str, str], list[Desired]] = defaultdict(list)
    there: dict[tuple[str, str], list[Existing]] = defaultdict(list)
    for want in desired:
        if want.account not in options.held:
            wanted[want.connection, want.entity].append(want)
    for item in existing:
        if item.account not in options.held:
            there[item.connection, item.entity].append(item)
    changes: list[Change] = []
    for writer in writers:
        place = (writer.connection, writer.entity)
        changes += _of_writer(writer, wanted[place], there[place], today, options, history)
    check_owned(changes, writers)
    return sorted(changes, key=lambda change: change.id)


def _of_writer(
    writer: Writer, wanted: list[Desired], there: list[Existing], today: date, options: Options, history: History
) -> list[Change]:
    if writer.entity == "account":
        return account_changes(writer, wanted, there, history)
    if writer.entity == "opportunity":
        more = [want for want in wanted if want.rule == EXPANSION]
        renewals = [want for want in wanted if want.rule != EXPANSION]
        return [
            *opportunity_changes(writer, renewals, there, options, history),
            *expansion_changes(writer, more, there, today, options, history),
        ]
    return task_changes(writer, wanted, there, today, options, history)
