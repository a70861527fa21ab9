"""Making our fields: Tooling CustomField, then visible through one permission set. Doing it twice does nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from csconnect.connectors.protocols import ProvisionStep, WantedField
from csconnect.errors import CsconnectError, ExternalError
from csconnect_salesforce.ids import checked_id, checked_name
from csconnect_salesforce.metadata import definition, full_name
from csconnect_salesforce.session import Session
from csconnect_salesforce.soql import one_of, select
from csconnect_salesforce.visibility import Visibility

PERMISSION_SET = "CSConnect_Integration"
PERMISSION_LABEL = "csconnect integration"
TWICE = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})


class Provisioner:
    """Says what of the wanted fields is there, and makes the rest."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._visibility = Visibility(session)

    def provision(self, wanted: Sequence[WantedField], *, apply: bool) -> list[ProvisionStep]:
        """One step for each field, then for the permission set and its assignment."""
        if not wanted:
            return []
        self._session.org()
        for field in wanted:
            checked_name(field.object), checked_name(field.name)
        states = self._states(wanted)
        steps = [self._field(field, states[field.object, field.name], apply) for field in wanted]
        made = [field for field, step in zip(wanted, steps, strict=True) if step.state != "failed"]
        steps += self._permissions(made, apply)
        for object in {field.object for field in wanted} if apply else ():
            self._session.forget(object)
        return steps

    def _states(self, wanted: Sequence[WantedField]) -> dict[tuple[str, str], str]:
        """present, hidden or missing, asked once for each object."""
        states: dict[tuple[str, str], str] = {}
        for object in dict.fromkeys(field.object for field in wanted):
            self._session.forget(object)
            mine = [field for field in wanted if field.object == object]
            unseen = set(self._visibility.unseen(object, [field.name for field in mine]))
            existing = self._visibility.existing(object, sorted(unseen)) if unseen else set()
            for field in mine:
                hidden = field.name in (existing or ())
                states[object, field.name] = (
                    "present" if field.name not in unseen else "hidden" if hidden else "missing"
                )
        return states

    def _field(self, field: WantedField, state: str, apply: bool) -> ProvisionStep:
        if state == "present" or not apply:
            return ProvisionStep(field.name, field.object, state)
        if state == "hidden":
            return ProvisionStep(
                field.name, field.object, "created", "it was there; made visible by the permission set"
            )
        try:
            return ProvisionStep(field.name, field.object, "created", self._create(field))
        except CsconnectError as error:
            return ProvisionStep(field.name, field.object, "failed", error.what)

    def _create(self, field: WantedField) -> str:
        """Create the field; a key that may not be unique becomes a plain external id. Returns a remark, or nothing."""
        try:
            self._post_field(field, unique=True)
        except ExternalError as error:
            if any(code in error.what for code in TWICE):
                return "it was there"
            if field.type != "key":
                raise
            self._post_field(field, unique=False)
            return "this org does not allow it to be unique; csconnect reads before it creates"
        return ""

    def _post_field(self, field: WantedField, *, unique: bool) -> None:
        metadata = definition(field, self._session.settings.language, unique=unique)
        self._session.call(
            "POST", "tooling/sobjects/CustomField", json={"FullName": full_name(field), "Metadata": metadata}
        )

    def _permissions(self, wanted: Sequence[WantedField], apply: bool) -> list[ProvisionStep]:
        """The permission set, its field permissions, and that we have it."""
        try:
            found = self._ids("PermissionSet", "Name", PERMISSION_SET)
            if not found and not apply:
                return [ProvisionStep(PERMISSION_SET, "PermissionSet", "missing")]
            steps = [ProvisionStep(PERMISSION_SET, "PermissionSet", "present" if found else "created")]
            parent = (
                found[0] if found else self._post("PermissionSet", {"Name": PERMISSION_SET, "Label": PERMISSION_LABEL})
            )
            steps += self._grants(parent, wanted, apply)
            return [*steps, self._assignment(parent, apply)]
        except CsconnectError as error:
            return [ProvisionStep(PERMISSION_SET, "PermissionSet", "failed", error.what)]

    def _grants(self, parent: str, wanted: Sequence[WantedField], apply: bool) -> list[ProvisionStep]:
        granted = set()
        conditions = [one_of("ParentId", [checked_id(parent)]), "PermissionsEdit = true"]
        for page in self._session.query(select("FieldPermissions", ["Field"], conditions)):
            granted |= {str(record["Field"]) for record in page}
        missing = [field for field in wanted if f"{field.object}.{field.name}" not in granted]
        if not apply:
            return [ProvisionStep(f"{f.object}.{f.name}", PERMISSION_SET, "missing") for f in missing]
        steps = []
        for field in missing:
            name = f"{field.object}.{field.name}"
            row = {
                "ParentId": parent,
                "SobjectType": field.object,
                "Field": name,
                "PermissionsRead": True,
                "PermissionsEdit": True,
            }
            try:
                self._post("FieldPermissions", row)
                steps.append(ProvisionStep(name, PERMISSION_SET, "created"))
            except ExternalError as error:
                steps.append(ProvisionStep(name, PERMISSION_SET, "failed", error.what))
        return steps

    def _assignment(self, parent: str, apply: bool) -> ProvisionStep:
        user = checked_id(self._session.user_id())
        conditions = [one_of("PermissionSetId", [parent]), one_of("AssigneeId", [user])]
        held = [r for page in self._session.query(select("PermissionSetAssignment", ["Id"], conditions)) for r in page]
        if not held and apply:
            self._post("PermissionSetAssignment", {"PermissionSetId": parent, "AssigneeId": user})
        return ProvisionStep(
            "assignment to csconnect's user", PERMISSION_SET, "present" if held else "created" if apply else "missing"
        )

    def _ids(self, object: str, field: str, value: str) -> list[str]:
        soql = select(object, ["Id"], [one_of(field, [value])])
        return [str(record["Id"]) for page in self._session.query(soql) for record in page]

    def _post(self, object: str, row: dict[str, Any]) -> str:
        return str(self._session.call("POST", f"sobjects/{object}", json=row).json()["id"])
