"""Names and ids as Salesforce spells them, checked before they enter an address or a query."""

from __future__ import annotations

import re

from csconnect.errors import ConfigError, DataError

_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*")


def is_id(value: str | None) -> bool:
    """Whether ``value`` has the shape of a record id: 15 letters and digits, or 18 with the checksum."""
    return value is not None and _ID.fullmatch(value) is not None


def checked_id(value: str) -> str:
    """``value`` itself, or `DataError`; an id with anything else in it could send a call to another host."""
    if not is_id(value):
        raise DataError(
            f"a text of {len(value)} characters stands where a Salesforce id belongs",
            remedy="Map the field that holds the id",
        )
    return value


def same_id(one: str, other: str) -> bool:
    """Whether two ids name the same record; the 15-character form is case sensitive and lacks the checksum only."""
    return one[:15] == other[:15]


def checked_name(name: str) -> str:
    """An object's or field's API name; `ConfigError` for anything else."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"'{name}' is not an API name of Salesforce", remedy="Use names such as Account or CSC_Key__c"
        )
    return name


def checked_field(path: str) -> str:
    """A field or a path over relations such as ``Contract.AccountId``; `ConfigError` for anything else."""
    if not _PATH.fullmatch(path):
        raise ConfigError(
            f"'{path}' is not a field path of Salesforce", remedy="Use names such as Name or Contract.AccountId"
        )
    return path
