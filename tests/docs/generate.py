"""The parts of the documentation that are made from the code. Run it to write them anew:

    .venv/bin/python tests/docs/generate.py

The tests beside it compare the committed pages with what it would write.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
import typing
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from csconnect.config import model as config
from csconnect.connectors.hookspecs import Hooks
from csconnect.mapping import load_mappings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

SETTINGS: dict[str, Any] = {
    "The file": config.Config,
    "A connection": config.ConnectionConfig,
    "customers": config.Customers,
    "write_back": config.WriteBack,
    "fields": config.WrittenFields,
    "One of the scorecards": config.CardChoice,
    "when": config.CardWhen,
    "guards": config.Guards,
    "renewals": config.Renewals,
    "retention": config.Retention,
    "commission": config.CommissionConfig,
    "expansion": config.Expansion,
    "stickiness": config.Stickiness,
    "settings of a salesforce connection": ("csconnect_salesforce.settings", "SalesforceSettings"),
    "settings of a hubspot connection": ("csconnect_hubspot.settings", "HubSpotSettings"),
    "settings of a files connection": ("csconnect_files.settings", "FilesSettings"),
}
INTERNAL = {("Config", "root"), ("Config", "digest")}

HEAD = """# Settings

Everything that may stand in `csconnect.yaml`. Made from the models by `tests/docs/generate.py`; a test compares the two.

A setting that holds a **secret** takes a reference only: `env:NAME` reads an environment variable, `file:PATH` a file.
Any other text under the `settings` of a connection may be a reference too. Paths are relative to the folder of the
file. A misspelt setting is an error with `file:line:col` and the nearest name.
"""


def settings_page() -> str:
    """docs/settings.md."""
    parts = [HEAD]
    for title, where in SETTINGS.items():
        model: Any = getattr(importlib.import_module(where[0]), where[1]) if isinstance(where, tuple) else where
        parts.append(f"## {title if title[0].isupper() else f'`{title}`'}\n\n{_model_table(model)}\n")
    return "\n".join(parts)


def _model_table(model: type[BaseModel]) -> str:
    said = _attribute_docs(model)
    rows = ["| setting | takes | default | meaning |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        if (model.__name__, name) in INTERNAL:
            continue
        meaning = " ".join((info.description or said.get(name, "")).replace("``", "`").split())
        if not meaning:
            raise ValueError(f"{model.__name__}.{name} is not described")
        default = "required" if info.is_required() else _plain(info.default)
        rows.append(f"| `{name}` | {_takes(info)} | {default} | {meaning} |".replace("|  |", "| |"))
    return "\n".join(rows)


def _takes(info: Any) -> str:
    limits = [_limit(item) for item in info.metadata if _limit(item)]
    return ", ".join([_type(info.annotation), *limits])


def _limit(item: Any) -> str:
    signs = {"ge": "≥", "le": "≤", "gt": ">", "lt": "<"}
    return " ".join(f"{sign} {getattr(item, name):g}" for name, sign in signs.items() if hasattr(item, name))


def _type(found: Any) -> str:
    origin, inside = typing.get_origin(found), typing.get_args(found)
    if origin is typing.Annotated:
        return _type(inside[0])
    if origin is typing.Literal:
        return ", ".join(f"`{choice}`" for choice in inside)
    if origin is list:
        return f"list of {_type(inside[0])}"
    if origin is dict:
        return "mapping"
    if inside:
        return " or ".join(_type(part) for part in inside if part is not type(None))
    if isinstance(found, type) and issubclass(found, StrEnum):
        return ", ".join(f"`{word}`" for word in found)
    names = {
        str: "text",
        int: "integer",
        float: "number",
        Decimal: "number",
        bool: "true, false",
        Path: "path",
        SecretStr: "**secret**",
    }
    return names.get(found) or "section"


def _plain(default: Any) -> str:
    if default is None or default == "" or default == {} or default == Path():
        return "–"
    if isinstance(default, BaseModel):
        return "as below"
    return f"`{_spelt(default)}`"


def _spelt(value: Any) -> str:
    """As it would stand in the file."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_spelt(name)}: {_spelt(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_spelt(item) for item in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _attribute_docs(model: type[BaseModel]) -> dict[str, str]:
    """The text under each field in the source."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(model))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found: dict[str, str] = {}
    for node, after in pairwise(tree.body):
        field = node.target.id if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ""
        text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else None
        if field and isinstance(text, str):
            found[field] = text
    return found


def fields_table(system: str) -> str:
    """What is written to ``system``: the ``write`` sections of its packaged mappings."""
    rows = ["| object | field | kind | what it says |", "|---|---|---|---|"]
    for mapping in load_mappings([ROOT / "mappings" / system], {}):
        for name, owned in mapping.write.items():
            place = f"`{owned.to}`" if owned.to else f"association to {owned.link}"
            made = " (only if chosen)" if owned.extra else "" if owned.label else " (the system's own)"
            said = owned.help.get("en", "") or _STANDARD[mapping.entity, name]
            rows.append(f"| {mapping.object} | {place}{made} | {owned.kind} | {said} |")
    return "\n".join(rows)


_STANDARD = {
    ("opportunity", "name"): "Account, “renewal”, and the day the term ends; of an expansion account and product line.",
    ("opportunity", "account_id"): "The account.",
    ("opportunity", "contract_id"): "The contract that is renewed.",
    ("opportunity", "owner_id"): "The CSM; without an active one, `owner_fallback`.",
    ("opportunity", "stage"): "`stage` under `write_back.settings`.",
    ("opportunity", "pipeline"): "`pipeline` under `write_back.settings`.",
    ("opportunity", "record_type"): "`record_type` under `write_back.settings`.",
    ("opportunity", "kind"): "That it is a renewal.",
    ("opportunity", "amount"): "What the ending term was worth; empty where currencies differ or an amount is missing.",
    ("opportunity", "currency"): "Currency of the term; left out where an org has none.",
    ("opportunity", "close_on"): "The day the term ends.",
    ("opportunity", "why"): "The because-text of that day.",
    ("task", "account_id"): "The account.",
    ("task", "owner_id"): "The CSM; without an active one, `owner_fallback`.",
    ("task", "subject"): "What the matter is.",
    ("task", "body"): "Why, what to do first, what closes it.",
    ("task", "due_on"): "A working day.",
    ("task", "urgency"): "Normal at first, high when it is urgent.",
    ("task", "status"): "Open; done when the reason has gone.",
}


def hooks_table() -> str:
    """Every hook with its signature."""
    rows = ["| hook | when it is called |", "|---|---|"]
    for name, hook in inspect.getmembers(Hooks, inspect.isfunction):
        takes = ", ".join(part for part in inspect.signature(hook).parameters if part != "self")
        rows.append(f"| `{name}({takes})` | {' '.join((hook.__doc__ or '').replace('``', '`').split())} |")
    return "\n".join(rows)


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "salesforce.md": {"fields": lambda: fields_table("salesforce")},
    "hubspot.md": {"fields": lambda: fields_table("hubspot")},
    "plugins.md": {"hooks": hooks_table},
}
"""Page -> marker -> what stands between ``<!-- marker:begin -->`` and ``<!-- marker:end -->``."""


def pages() -> dict[Path, str]:
    """Every page that is made from the code, wholly or in part, as it should stand."""
    made = {DOCS / "settings.md": settings_page()}
    for name, blocks in BLOCKS.items():
        text = (DOCS / name).read_text("utf-8")
        for marker, make in blocks.items():
            text = _between(text, f"<!-- {marker}:begin -->", f"<!-- {marker}:end -->", make())
        made[DOCS / name] = text
    return made


def _between(text: str, begin: str, end: str, made: str) -> str:
    """``text`` with what stands between the two marks replaced."""
    if begin not in text or end not in text:
        raise ValueError(f"{begin} is missing")
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n{made}\n{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    for page, wanted in pages().items():
        page.write_text(wanted, "utf-8")
