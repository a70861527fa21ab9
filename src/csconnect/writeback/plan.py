"""Making, keeping and checking a plan (architecture, decision 9)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path

from pydantic import ValidationError

from csconnect.connectors.protocols import Target
from csconnect.errors import PlanAlteredError, PlanError, PlanStaleError
from csconnect.model.values import Change, Guarding, Plan

PLAN_TTL = timedelta(hours=24)
_AGAIN = "Make a new plan with 'csconnect plan'"


def make_plan(
    changes: Iterable[Change],
    *,
    run_id: str,
    made_at: datetime,
    as_of: date,
    config_hash: str,
    orgs: Mapping[str, str] | None = None,
    pulls: Mapping[str, str] | None = None,
    guards: Iterable[Guarding] = (),
    targets: Mapping[str, Target] | None = None,
) -> Plan:
    """Freeze changes into a sorted, fingerprinted plan; ``targets`` (connection -> target) forecast the calls it will cost.

    ``made_at`` is an aware instant. Two changes of the same record and action are a `PlanError`.
    """
    ordered = sorted(changes, key=lambda change: (change.connection, change.id))
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise PlanError(
                f"Two changes claim '{one.id}'", where=one.connection, remedy="Report this; nothing was written"
            )
    calls = {
        connection: targets[connection].cost(list(group))
        for connection, group in groupby(ordered, key=lambda change: change.connection)
        if targets and connection in targets
    }
    return Plan.of(
        ordered,
        run_id=run_id,
        made_at=made_at,
        as_of=as_of,
        config_hash=config_hash,
        orgs=dict(orgs or {}),
        pulls=dict(pulls or {}),
        guards=tuple(guards),
        calls=calls,
    )


def check_plan(
    plan: Plan,
    *,
    now: datetime,
    config_hash: str,
    orgs: Mapping[str, str],
    latest_pulls: Mapping[str, str],
    ttl: timedelta = PLAN_TTL,
    held: Collection[str] = (),
) -> None:
    """Raise unless the plan is whole and what it assumed still holds.

    `PlanAlteredError` when its fingerprint does not fit; `PlanStaleError` when it is older than ``ttl``, when a newer pull
    of one of its connections exists, when an org or the configuration is another, or when it touches a ``held`` account.
    """
    if not plan.fingerprint or plan.fingerprint != plan.expected_fingerprint():
        raise PlanAlteredError("The plan was changed after it was made", where=plan.run_id, remedy=_AGAIN)
    reason = _too_old(plan, now, ttl) or _moved_on(plan, config_hash, orgs, latest_pulls) or _on_hold(plan, held)
    if reason:
        raise PlanStaleError(f"The plan no longer fits: {reason}", where=plan.run_id, remedy=_AGAIN)


def _too_old(plan: Plan, now: datetime, ttl: timedelta) -> str:
    age = now - plan.made_at
    if age > ttl:
        return f"it is {age.total_seconds() / 3600:.1f} hours old and plans keep for {ttl.total_seconds() / 3600:g}"
    return "it was made in the future by this machine's clock" if age < -timedelta(minutes=5) else ""


def _moved_on(plan: Plan, config_hash: str, orgs: Mapping[str, str], latest_pulls: Mapping[str, str]) -> str:
    if config_hash != plan.config_hash:
        return "the configuration has changed since"
    for connection in sorted({change.connection for change in plan.changes} | set(plan.orgs)):
        if orgs.get(connection, "") != plan.orgs.get(connection, ""):
            return f"connection '{connection}' now leads to another org"
    for connection, pull in sorted(plan.pulls.items()):
        if latest_pulls.get(connection) != pull:
            return f"connection '{connection}' was pulled again since"
    return ""


def _on_hold(plan: Plan, held: Collection[str]) -> str:
    account = next((change.account for change in plan.changes if change.account in held), None)
    return f"account '{account}' is on hold since an undo" if account else ""


def save_plan(plan: Plan, path: Path) -> None:
    """Write the plan as JSON, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(plan.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_plan(path: Path) -> Plan:
    """Read a plan back; `PlanError` when there is none, `PlanAlteredError` when it is not what was saved."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanError("There is no plan that can be read here", where=str(path), remedy=_AGAIN) from error
    return parse_plan(text, where=str(path))


def parse_plan(text: str, *, where: str = "") -> Plan:
    """A plan from its JSON, checked against its fingerprint."""
    try:
        plan = Plan.model_validate_json(text)
    except ValidationError:
        plan = None
    if plan is None:
        raise PlanAlteredError("This is not a plan, or only half of one", where=where, remedy=_AGAIN)
    if plan.fingerprint != plan.expected_fingerprint():
        raise PlanAlteredError("The plan was changed after it was made", where=where, remedy=_AGAIN)
    return plan
