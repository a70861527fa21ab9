"""The world as files: everything for a company without a CRM, or what stands beside the CRMs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from csconnect.model import ENTITIES
from csconnect.model.fields import fields_of
from csconnect_emulator.generator.customer import Customer
from csconnect_emulator.generator.export_care import (
    commitments,
    concerns,
    consumption,
    needs,
    payments,
    projects,
    quotas,
    readings,
    role_changes,
)
from csconnect_emulator.generator.export_rows import PER_ACCOUNT, SHARED, advocacy, goals, modules
from csconnect_emulator.generator.usage import write_usage
from csconnect_emulator.generator.world import World

FILES = {
    "accounts": "account", "contacts": "contact", "owners": "owner", "products": "product", "modules": "module",
    "contracts": "contract", "terms": "term", "lines": "contract_line", "tickets": "ticket", "touchpoints": "touchpoint",
    "surveys": "survey", "goals": "goal", "advocacy": "advocacy", "fx": "fx_rate",
    "role_changes": "role_change", "adjustments": "adjustment", "payments": "payment", "quotas": "quota", "commitments": "commitment",
    "projects": "project", "concerns": "concern", "needs": "need", "consumption": "consumption", "readings": "reading",
}  # fmt: skip
"""File name without ``.csv`` -> canonical entity, whose field names are the columns."""


HUBSPOT_SIDE: dict[str, Callable[[Customer], Iterable[dict[str, Any]]]] = {
    "goals": goals,
    "advocacy": advocacy,
    "role_changes": role_changes,
    "payments": payments,
    "quotas": quotas,
    "commitments": commitments,
    "projects": projects,
    "concerns": concerns,
    "needs": needs,
    "consumption": consumption,
}
"""What the HubSpot portal has no object for and a file beside it tells."""

FOREIGN = ("contact_id", "contract_id")
"""References to records of the CRM, whose ids mean nothing in a file of another connection."""


def write_files(world: World, folder: Path) -> None:
    """Write every entity of all accounts as CSV, and ``usage/``. Ids are bare; lists are joined by ``;``; dates are ISO.

    Joined accounts appear once, under their Salesforce id.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        writers = {name: _writer(stack, folder / f"{name}.csv", _columns(entity)) for name, entity in FILES.items()}
        for name, rows in SHARED.items():
            writers[name].writerows(map(_spelt, rows(world)))
        for customer in world.customers():
            for name, rows_of in PER_ACCOUNT.items():
                writers[name].writerows(map(_spelt, rows_of(customer)))
    write_usage(world, folder / "usage", world.first_day, world.as_of)


def write_side_files(world: World, folder: Path) -> None:
    """Write what no CRM of the demo holds: ``usage/``, ``readings.csv`` and ``modules.csv`` of everyone, and what `HUBSPOT_SIDE`
    names of the HubSpot customers. They name accounts by ``tenant_id``, the match key, and nothing else of another system."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        shelf = _writer(stack, folder / "modules.csv", _columns("module"))
        shelf.writerows(map(_spelt, modules(world)))
        names = ("readings", *HUBSPOT_SIDE)
        writers = {name: _writer(stack, folder / f"{name}.csv", _tenant(_columns(FILES[name]))) for name in names}
        for customer in world.customers():
            writers["readings"].writerows(_with_tenant(customer, readings(customer)))
            for name, rows_of in HUBSPOT_SIDE.items() if customer.profile.system == "hubspot" else ():
                writers[name].writerows(_with_tenant(customer, rows_of(customer)))
    write_usage(world, folder / "usage", world.first_day, world.as_of)


def _columns(entity: str) -> list[str]:
    return list(fields_of(ENTITIES[entity]))


def _tenant(columns: list[str]) -> list[str]:
    return ["tenant_id" if name == "account_id" else name for name in columns if name not in FOREIGN]


def _with_tenant(customer: Customer, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for row in rows:
        rest = {name: value for name, value in row.items() if name not in ("account_id", *FOREIGN)}
        yield _spelt({"tenant_id": customer.profile.key, **rest})


def _writer(stack: ExitStack, path: Path, columns: list[str]) -> csv.DictWriter[str]:
    file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    return writer


def _spelt(row: dict[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ";".join(value)
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)
