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
from csconnect_emulator.generator.export_rows import PER_ACCOUNT, SHARED, advocacy, goals, modules
from csconnect_emulator.generator.usage import write_usage
from csconnect_emulator.generator.world import World

FILES = {
    "accounts": "account", "contacts": "contact", "owners": "owner", "products": "product", "modules": "module",
    "contracts": "contract", "terms": "term", "lines": "contract_line", "tickets": "ticket", "touchpoints": "touchpoint",
    "surveys": "survey", "goals": "goal", "advocacy": "advocacy", "fx": "fx_rate",
}  # fmt: skip
"""File name without ``.csv`` -> canonical entity, whose field names are the columns."""


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
    """Write what no CRM of the demo holds: ``usage/`` and ``modules.csv`` of everyone, and ``goals.csv`` and
    ``advocacy.csv`` of the HubSpot customers, which name them by ``tenant_id``, the match key."""
    folder.mkdir(parents=True, exist_ok=True)
    parts: tuple[tuple[str, Callable[[Customer], Iterable[dict[str, Any]]]], ...] = (
        ("goals", goals),
        ("advocacy", advocacy),
    )
    with ExitStack() as stack:
        shelf = _writer(stack, folder / "modules.csv", _columns("module"))
        shelf.writerows(map(_spelt, modules(world)))
        writers = {name: _writer(stack, folder / f"{name}.csv", _tenant(_columns(FILES[name]))) for name, _ in parts}
        for customer in world.customers("hubspot"):
            for name, rows_of in parts:
                writers[name].writerows(_with_tenant(customer, rows_of(customer)))
    write_usage(world, folder / "usage", world.first_day, world.as_of)


def _columns(entity: str) -> list[str]:
    return list(fields_of(ENTITIES[entity]))


def _tenant(columns: list[str]) -> list[str]:
    return ["tenant_id" if name == "account_id" else name for name in columns]


def _with_tenant(customer: Customer, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, str]]:
    for row in rows:
        rest = {name: value for name, value in row.items() if name != "account_id"}
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
