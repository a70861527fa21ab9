"""Missing or hidden? A field that our user may not see is simply absent from the describe; metadata can tell the two apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from csconnect.errors import ExternalError, MissingFieldError
from csconnect_salesforce.derived import asked
from csconnect_salesforce.ids import checked_field
from csconnect_salesforce.judge import BOTH_REMEDIES
from csconnect_salesforce.session import ARCHIVED, Session, missing_or_hidden
from csconnect_salesforce.soql import one_of, select

HIDDEN_REMEDY = "Make it visible to csconnect's user: field-level security, or the permission set CSConnect_Integration"
MISSING_REMEDY = "Create it with csconnect provision, or correct the mapping"


class Visibility:
    """What our user sees, and what is known of what it does not see."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def unseen(self, object: str, fields: Iterable[str]) -> list[str]:
        """Those of ``fields`` that our user does not see; of a path over a relation, the relation is judged."""
        described = self._session.fields(object)
        relations = {field["relationshipName"] for field in described.values() if field.get("relationshipName")}
        return [path for path in fields if not (path in described or ("." in path and path.split(".")[0] in relations))]

    def existing(self, object: str, fields: Sequence[str]) -> set[str] | None:
        """Those of ``fields`` that exist in the org whether we see them or not; None where we may not know.

        Asks the Tooling API, whose CustomField and FieldDefinition list fields without regard to field-level security.
        """
        table = "Activity" if object in ARCHIVED else object
        custom = select("CustomField", ["DeveloperName"], [one_of("TableEnumOrId", [table])])
        entity = one_of("EntityDefinition.QualifiedApiName", [object])
        listed = select("FieldDefinition", ["QualifiedApiName"], [entity, one_of("QualifiedApiName", fields)])
        try:
            found = {f"{record['DeveloperName']}__c" for record in self._session.tooling(custom)}
            return found | {str(record["QualifiedApiName"]) for record in self._session.tooling(listed)}
        except ExternalError:
            return None

    def demand(self, object: str, fields: Iterable[str]) -> None:
        """Raise `MissingFieldError` for fields that our user does not see, saying what each of them is."""
        parts = asked(object, fields, self._session.fields(object))
        unseen = self.unseen(object, map(checked_field, parts))
        if unseen:
            raise self.explain(object, unseen)

    def explain(self, object: str, unseen: Sequence[str]) -> MissingFieldError:
        """The error for fields that are not in the describe, with the remedy for their case."""
        existing = self.existing(object, unseen)
        if existing is None:
            return missing_or_hidden(object, unseen, "cannot be seen: missing or hidden", BOTH_REMEDIES)
        missing = [name for name in unseen if name not in existing]
        if missing:
            return missing_or_hidden(object, missing, "does not exist, as far as we may see", MISSING_REMEDY)
        return missing_or_hidden(object, unseen, "exists but is hidden from us", HIDDEN_REMEDY)
