"""Field-level security: the fields of an object that the API user can see, and those it can write.

A custom field is visible only when a FieldPermissions record of a permission set assigned to the user says so (vendor page
"FieldPermissions"); a standard field unless it was hidden on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping

from csconnect_emulator.fields import FieldDef
from csconnect_emulator.salesforce.errors import HINT, ApiError
from csconnect_emulator.salesforce.org import API_USER
from csconnect_emulator.salesforce.schema import SYSTEM, TOOLING_ONLY
from csconnect_emulator.store import RecordStore

_TABLES = ("FieldPermissions", "PermissionSetAssignment", "PermissionSet")


class Access:
    """What the API user sees. Names are found without regard to case, as in the API."""

    def __init__(self, store: RecordStore, user: str = API_USER) -> None:
        self._store = store
        self._user = user
        self._stamp: object = None
        self._grants: dict[str, bool] = {}
        self._hidden: frozenset[str] = frozenset()
        self._seen: dict[str, tuple[Mapping[str, FieldDef], dict[str, FieldDef]]] = {}

    def object(self, name: str, *, tooling: bool = False) -> str | None:
        """The proper spelling of an object's name, or None when there is no such object."""
        names = {n.lower(): n for n in self._store.objects(SYSTEM) if tooling or n not in TOOLING_ONLY}
        return names.get(name.lower())

    def visible(self, object: str) -> Mapping[str, FieldDef]:
        """Lower-cased name -> field, of the fields the user may read."""
        with self._store.exclusive():
            self._refresh()
            fields = self._store.fields(SYSTEM, object)
            kept = self._seen.get(object)
            if kept is None or kept[0] is not fields:
                shown = {f.name.lower(): f for f in fields.values() if self._readable(object, f)}
                kept = self._seen[object] = (fields, shown)
            return kept[1]

    def writable(self, object: str, field: FieldDef) -> bool:
        """Whether the user may write a field it can read."""
        with self._store.exclusive():
            self._refresh()
            return field.writable and (not field.custom or self._grants.get(f"{object}.{field.name}".lower(), False))

    def field(self, object: str, name: str) -> FieldDef:
        """A readable field; INVALID_FIELD when there is none that the user can see."""
        found = self.visible(object).get(name.lower())
        if found is None:
            raise ApiError(
                "INVALID_FIELD",
                f"No such column '{name}' on entity '{object}'. If you are attempting to use a custom field, be sure to"
                f" append the '__c' after the custom field name. {HINT}",
            )
        return found

    def _readable(self, object: str, field: FieldDef) -> bool:
        name = f"{object}.{field.name}"
        return name.lower() in self._grants or (not field.custom and name not in self._hidden)

    def _refresh(self) -> None:
        """Read the grants again when any of the records they rest on has moved."""
        sql = " UNION ALL ".join(
            f"SELECT (SELECT max(modified) FROM {t}), (SELECT max(seq) FROM {t})"  # noqa: S608
            for t in (self._store.table(SYSTEM, name) for name in _TABLES)
        )
        hidden = frozenset(self._store.get_meta("salesforce.hidden", []))
        stamp = (self._store.rows(sql), hidden)
        if stamp == self._stamp:
            return
        self._stamp, self._hidden, self._grants = stamp, hidden, self._read()
        self._seen.clear()

    def _read(self) -> dict[str, bool]:
        """Lower-cased ``object.field`` -> whether it may be edited, for every field that may be read."""
        column, table = self._store.column, self._store.table
        sql = (
            f"SELECT lower({column('Field', 'f')}), max(coalesce({column('PermissionsEdit', 'f')}, 0))"  # noqa: S608
            f" FROM {table(SYSTEM, 'FieldPermissions')} f JOIN {table(SYSTEM, 'PermissionSetAssignment')} a"
            f" ON {column('PermissionSetId', 'a')} = {column('ParentId', 'f')}"
            f" WHERE f.deleted = 0 AND a.deleted = 0 AND {column('AssigneeId', 'a')} = ?"
            f" AND {column('PermissionsRead', 'f')} = 1 GROUP BY 1"
        )
        return {name: bool(edit) for name, edit in self._store.rows(sql, [self._user])}
