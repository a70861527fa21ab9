"""What somebody should do, decided from what was computed: at most one task for one reason.

Two playbooks: an account that is red (decks 004:596: contact within 24 hours), and one task per unrenewed term that escalates as
its end comes near (decks 001:1318-1329: three months before, one month before, expired).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from csconnect.compute.calendar import working_day, working_days_after
from csconnect.model.enums import TermState, Urgency


@dataclass(frozen=True)
class TaskIntent:
    """A task that should be open. ``subject_key`` tells apart tasks of one rule in one account (a term's id; empty for the account).

    ``stage`` names the template; a change of stage is an escalation.
    """

    account_id: str
    rule: str
    subject_key: str
    stage: str
    urgency: Urgency
    due_on: date


def red_account(account_id: str, as_of: date) -> TaskIntent:
    """Due on the next working day: the source's 24 hours."""
    return TaskIntent(account_id, "account_red", "", "account_red", Urgency.HIGH, working_days_after(as_of, 1))


def renewal_task(
    account_id: str, term_id: str, state: str, end: date, as_of: date, *, due_days: int = 90, last_days: int = 30
) -> TaskIntent | None:
    """The one task of an unrenewed term, at its present stage; None when the term asks for nothing.

    Due two weeks after it fell due ``due_days`` before the end, five days into the ``last_days``, and never before the second
    working day from now.
    """
    if state == TermState.DEFERRED:
        stage, urgency, anchor = "renewal_overdue", Urgency.HIGH, as_of
    elif state == TermState.DUE and (end - as_of).days <= last_days:
        stage, urgency, anchor = "renewal_due_30", Urgency.HIGH, end - timedelta(days=last_days - 5)
    elif state == TermState.DUE:
        stage, urgency, anchor = "renewal_due_90", Urgency.NORMAL, end - timedelta(days=due_days - 14)
    else:
        return None
    earliest = working_days_after(as_of, 2)
    return TaskIntent(account_id, "renewal", term_id, stage, urgency, max(working_day(anchor), earliest))
