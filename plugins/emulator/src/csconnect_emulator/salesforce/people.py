"""What people do in the vendor's own screens: merging two records."""

from __future__ import annotations

from csconnect_emulator.salesforce.schema import SYSTEM
from csconnect_emulator.store import RecordStore

MERGEABLE = ("Account", "Contact")


def merge(store: RecordStore, object: str, loser: str, winner: str) -> None:
    """Merge as the vendor does: children move to the winner, the loser is deleted with ``MasterRecordId`` set.

    `ValueError` for objects that cannot be merged.
    """
    if object not in MERGEABLE:
        raise ValueError(f"{object} cannot be merged")
    with store.transaction():
        for child in store.objects(SYSTEM):
            for field in store.fields(SYSTEM, child).values():
                if object in field.reference_to and field.name != "MasterRecordId" and field.type == "reference":
                    for record in store.query(SYSTEM, child, f"{store.column(field.name)} = ?", [loser]):
                        store.update(SYSTEM, child, record.id, {field.name: winner})
        store.merge(SYSTEM, object, loser, winner, {"MasterRecordId": winner})
