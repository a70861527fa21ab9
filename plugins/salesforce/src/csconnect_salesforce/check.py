"""``csconnect check``: can we get in, is it the right org, what do we see, how much quota is left?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from csconnect.errors import CsconnectError
from csconnect.model.values import Finding, Level
from csconnect_salesforce.session import Session
from csconnect_salesforce.visibility import Visibility


def check(session: Session, wanted: Mapping[str, Iterable[str]]) -> list[Finding]:
    """Findings about the connection and the objects and fields of ``wanted``. Writes nothing."""
    try:
        org = session.org()
    except CsconnectError as error:
        return [finding(error)]
    kind = "PRODUCTION" if is_production(org) else "sandbox or developer edition"
    findings = [
        Finding(
            level=Level.OK,
            code="S-ORG",
            what=f"Org {org['Name']} ({org['Id']}), {kind}",
            where=session.context.connection,
        )
    ]
    findings.append(_quota(session))
    visibility = Visibility(session)
    for object, fields in wanted.items():
        findings.append(_object(session, visibility, object, list(fields)))
    return findings


def is_production(org: Mapping[str, object]) -> bool:
    """Neither a sandbox nor a developer's own org."""
    return not org.get("IsSandbox") and org.get("OrganizationType") != "Developer Edition"


def finding(error: CsconnectError, where: str = "") -> Finding:
    """An error as a line of the report."""
    return Finding(
        level=Level.ERROR, code=error.error_code, what=error.what, where=where or error.where, remedy=error.remedy
    )


def _quota(session: Session) -> Finding:
    left, where = session.quota.left(), session.context.connection
    if left is None:
        return Finding(
            level=Level.NOTE, code="S-QUOTA", what="The org does not say how many API calls are left", where=where
        )
    if left == 0:
        return Finding(
            level=Level.WARNING,
            code="E-QUOTA",
            what="The org's API calls of the last 24 hours are used up to the reserve",
            where=where,
            remedy="Run later, or lower quota_reserve",
        )
    return Finding(level=Level.OK, code="S-QUOTA", what=f"{left} API calls may be made before the reserve", where=where)


def _object(session: Session, visibility: Visibility, object: str, fields: list[str]) -> Finding:
    where = f"{session.context.connection}.{object}"
    try:
        visibility.demand(object, fields)
    except CsconnectError as error:
        return finding(error, where)
    return Finding(level=Level.OK, code="S-OBJECT", what=f"{object}: {len(fields)} fields visible", where=where)
