"""What no API can tell and the admin answers in ``csconnect.yaml``, put into the mappings of a connection."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from csconnect.config import ConnectionConfig
from csconnect.errors import ConfigError
from csconnect.mapping import Mapping
from csconnect.mapping.spec import ReadField, Step
from csconnect.mapping.words import did_you_mean, listed
from csconnect.model.values import FieldKind

_MONEY = ("account", "term", "contract_line", "opportunity", "payment", "consumption", "adjustment")
"""Entities whose amounts are in ``currency``; an account's is what its ARR is told in."""


def answered(mapping: Mapping, connection: ConnectionConfig, name: str) -> Mapping:
    """``mapping`` as connection ``name`` wants it: which accounts are customers, who their CSM is, what amounts are in that say
    nothing. Another answer gives another digest, so that the entity is read anew."""
    read = dict(mapping.read)
    if mapping.entity == "account":
        _customers(read, connection, name)
        _csm(read, connection)
    if mapping.entity in _MONEY and "currency" in read and connection.currency:
        read["currency"] = replace(read["currency"], default=connection.currency)
    if read == mapping.read:
        return mapping
    asked = [repr(read[field]) for field in sorted(read) if read[field] != mapping.read.get(field)]
    return replace(mapping, read=read, digest=hashlib.sha256(json.dumps([mapping.digest, *asked]).encode()).hexdigest())


def _customers(read: dict[str, ReadField], connection: ConnectionConfig, name: str) -> None:
    if scope := connection.customers:
        rule = Step("one_of", list(scope.values))
        where = f"{name}: customers: field"
        read["is_customer"] = ReadField("is_customer", (scope.field,), (rule,), default=False, where=where)


def _csm(read: dict[str, ReadField], connection: ConnectionConfig) -> None:
    if csm := connection.csm_field:
        usual = read.get("owner_id", ReadField("owner_id"))
        read["owner_id"] = replace(usual, paths=(csm, *(path for path in usual.paths if path != csm)))


def chosen(mapping: Mapping, connection: ConnectionConfig, name: str) -> Mapping:
    """``mapping`` with the score fields that connection ``name`` wants written; `ConfigError` for one that it does not have."""
    if mapping.entity not in type(connection.write_back.fields).model_fields or not mapping.write:
        return mapping
    wanted: list[str] | None = getattr(connection.write_back.fields, mapping.entity)
    known = [field for field, owned in mapping.write.items() if owned.kind is not FieldKind.BUSINESS]
    for field in wanted or ():
        if field not in known:
            raise ConfigError(
                f"mapping '{mapping.name}' writes no score field '{field}'",
                where=f"{name}: write_back.fields.{mapping.entity}",
                remedy=f"{did_you_mean(field, known)}There are: {listed(known)}",
            )
    return mapping.written_as(wanted)
