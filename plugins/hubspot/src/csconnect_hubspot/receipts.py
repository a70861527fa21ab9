"""From HubSpot's answer to a batch back to our changes: by trace id, record id or key, never by position."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from csconnect.connectors.http import Answer
from csconnect.model.values import Change, Outcome, Receipt
from csconnect_hubspot.portal import results_of
from csconnect_hubspot.problem import Problem, Refused

TRACE = "objectWriteTraceId"
"""The name under which every input carries its change's id; answers and errors may repeat it (recorded: not all do)."""
GONE = frozenset({"OBJECT_NOT_FOUND", "NOT_FOUND"})


@dataclass(frozen=True)
class Batch:
    """Some changes and what HubSpot said about them; results come back in an order of its own."""

    changes: Sequence[Change]
    answer: Answer

    def receipts(self) -> list[Receipt]:
        """One a change, in order. A change that is named neither by a result nor by an error was not carried out."""
        body = self.answer.json()
        written = {name: str(result["id"]) for result in results_of(body) for name in _names(result, self.changes)}
        problems = [Problem.of(error) for error in body.get("errors") or ()]
        return [self._receipt(change, written, problems) for change in self.changes]

    def _receipt(self, change: Change, written: dict[str, str], problems: Sequence[Problem]) -> Receipt:
        record = next((written[name] for name in names_of(change) if name in written), None)
        if record is not None:
            return Receipt(
                change_id=change.id, outcome=Outcome.WRITTEN, record_id=record, request_id=self.answer.request_id
            )
        named = [problem for problem in problems if problem.about(TRACE, "ids", "id") & names_of(change)]
        rest = [problem for problem in problems if not problem.about(TRACE, "ids", "id")]
        problem = next(iter(named or rest), Problem(message="HubSpot's answer does not mention this record"))
        return refusal(change, problem, self.answer.request_id)


def done(change: Change) -> Receipt:
    """For a change that needed no write of its own."""
    return Receipt(change_id=change.id, outcome=Outcome.WRITTEN, record_id=change.record_id)


def refusal(change: Change, problem: Problem, request_id: str = "") -> Receipt:
    """The system said no to this record, or does not have it any more."""
    lost = change.record_id is not None and bool(GONE & {problem.category, problem.code})
    return Receipt(
        change_id=change.id,
        outcome=Outcome.GONE if lost else Outcome.REFUSED,
        record_id=change.record_id,
        code=problem.code or "REFUSED",
        message=problem.message or "HubSpot gave no reason",
        request_id=request_id,
    )


def refused_whole(change: Change, error: Refused) -> Receipt:
    """The refusal of a call that carried this one change only."""
    return refusal(change, error.problem, error.request_id)


def names_of(change: Change) -> frozenset[str]:
    """By what an answer may name the change."""
    return frozenset(name for name in (change.id, change.record_id, change.key) if name)


def _names(result: dict[str, Any], changes: Sequence[Change]) -> Iterator[str]:
    """The change's names found in a result: trace id, record id, or the value of the key property."""
    if result.get(TRACE):
        yield str(result[TRACE])
    yield str(result.get("id"))
    properties = result.get("properties") or {}
    for field in {change.key_field for change in changes if change.key_field}:
        if properties.get(field):
            yield str(properties[field])
