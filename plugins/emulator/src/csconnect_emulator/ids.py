"""Record ids as the vendors spell them: 18-character Salesforce ids with their checksum, decimal HubSpot ids."""

from __future__ import annotations

import re

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ID = re.compile(r"^[a-zA-Z0-9]{15}([a-zA-Z0-9]{3})?$")

SF_PREFIXES: dict[str, str] = {
    "Organization": "00D",
    "User": "005",
    "Profile": "00e",
    "Account": "001",
    "Contact": "003",
    "Opportunity": "006",
    "Product2": "01t",
    "Contract": "800",
    "Order": "801",
    "OrderItem": "802",
    "Case": "500",
    "Event": "00U",
    "Task": "00T",
    "DatedConversionRate": "04w",
    "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa",
    "FieldPermissions": "01k",
    "CustomField": "00N",
    "RecordType": "012",
    "Survey__c": "a00",
    "Goal__c": "a01",
    "Advocacy__c": "a02",
    "Payment__c": "a03",
    "Quota__c": "a04",
    "Commitment__c": "a05",
    "Project__c": "a06",
    "Role_Change__c": "a07",
    "Concern__c": "a08",
    "Need__c": "a09",
    "Consumption__c": "a0A",
    "Adjustment__c": "a0B",
}
"""The three characters with which every id of an object starts (vendor page "Standard Field Types", key prefixes)."""

RUNTIME_BASE = 1_000_000_000
"""Records made while the emulator runs are numbered from here, so that they never meet a generated one."""


def base62(n: int, width: int) -> str:
    """``n`` in the digits 0-9A-Za-z, which sort in counting order."""
    out = ""
    while n:
        n, rest = divmod(n, 62)
        out = _DIGITS[rest] + out
    return out.rjust(width, "0")


def salesforce_id(prefix: str, n: int) -> str:
    """The ``n``-th 18-character id under a three-character key prefix; ids sort as their numbers do."""
    return to_18(prefix + "xx0" + base62(n, 9))


def to_18(id15: str) -> str:
    """The case-safe form of an id: three characters that say which of the fifteen are upper case.

    An 18-character id comes back unchanged. Raises `ValueError` for anything that has not the form of an id.
    """
    if not _ID.match(id15):
        raise ValueError("not the form of a Salesforce id")
    if len(id15) == 18:
        return id15
    suffix = ""
    for start in (0, 5, 10):
        suffix += _CHECK[sum(1 << i for i, c in enumerate(id15[start : start + 5]) if "A" <= c <= "Z")]
    return id15 + suffix


def is_id(text: object) -> bool:
    """Whether a value has the form of an id and, when it has 18 characters, the right checksum."""
    return isinstance(text, str) and bool(_ID.match(text)) and to_18(text[:15]).startswith(text)
