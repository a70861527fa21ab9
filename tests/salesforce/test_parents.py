"""Which stamps beside a row's own tell that what it shows has changed."""

from __future__ import annotations

import pytest

from csconnect.errors import MissingFieldError
from csconnect_salesforce.parents import parent_stamps


def relation(name: str, *kinds: str) -> dict[str, object]:
    return {"relationshipName": name, "referenceTo": list(kinds)}


class Fields:
    """Describes of a few objects, as a session gives them."""

    KNOWN = {
        "OrderItem": {"OrderId": relation("Order", "Order"), "SecretId": relation("Secret", "Secret__c")},
        "Order": {"ContractId": relation("Contract", "Contract"), "SystemModstamp": {}},
        "Contract": {"SystemModstamp": {}},
        "Task": {"WhatId": relation("What", "Account", "Order"), "Bare__c": relation("Bare", "Bare")},
        "Bare": {},
    }

    def fields(self, object: str) -> dict[str, dict[str, object]]:
        if object not in self.KNOWN:
            raise MissingFieldError("hidden")
        return self.KNOWN[object]


@pytest.mark.parametrize(
    ("object", "fields", "where", "stamps"),
    [
        ("OrderItem", ["Id", "Quantity"], "", []),
        ("OrderItem", ["Order.Type", "Order.EndDate"], "", ["Order.SystemModstamp"]),
        ("OrderItem", ["Id"], "order.StatusCode = 'Activated'", ["order.SystemModstamp"]),
        (
            "OrderItem",
            ["Order.Contract.Status"],
            "",
            ["Order.SystemModstamp", "Order.Contract.SystemModstamp"],
        ),
        (
            "OrderItem",
            ["Id"],
            r"Name = 'it\'s Order.Type' AND Price > 1.5 AND CreatedDate > 2026-01-01T00:00:00.000Z",
            [],
        ),
        ("OrderItem", ["Secret.Name"], "", []),
        ("Task", ["What.Name", "Bare.Name"], "", []),
    ],
)
def test_each_relation_that_is_looked_through_has_one(object, fields, where, stamps):
    assert parent_stamps(Fields(), object, fields, where) == stamps
