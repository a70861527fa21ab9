"""What every canonical entity has in common.

An entity is a frozen pydantic model. It is the *single* definition of its fields: the Arrow schema of the lake
(`csconnect.model.arrow`), the JSON Schema of mapping files and the tables that signals may query all derive from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from csconnect.model.currencies import PATTERN


@dataclass(frozen=True)
class KeyOf:
    """Marks a field as the key of an entity, in the form ``connection:id``.

    A connector yields the system's bare id; the core puts the connection's name before it, so that ids of two systems
    never meet by accident (architecture, decision 7).
    """

    entity: str


AccountKey = Annotated[str, KeyOf("account")]
ContactKey = Annotated[str, KeyOf("contact")]
ContractKey = Annotated[str, KeyOf("contract")]
TermKey = Annotated[str, KeyOf("term")]
ProductKey = Annotated[str, KeyOf("product")]
OwnerKey = Annotated[str, KeyOf("owner")]
OpportunityKey = Annotated[str, KeyOf("opportunity")]

Money = Annotated[Decimal, Field(max_digits=20, decimal_places=4)]
"""An amount in the currency that the row's ``currency`` field names; never summed across currencies."""

Currency = Annotated[str, Field(pattern=PATTERN, description="an ISO 4217 code of a currency in use, such as USD")]
"""ISO 4217 code of a currency in use."""


class Entity(BaseModel):
    """Base of all canonical entities.

    ``entity`` is the name used in mappings, in the lake and in SQL. ``happened`` names the field that says when an event
    took place; entities without it are attributes, true until they change (architecture, decision 2).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    entity: ClassVar[str]
    happened: ClassVar[str | None] = None
    key_fields: ClassVar[tuple[str, ...]] = ("id",)
