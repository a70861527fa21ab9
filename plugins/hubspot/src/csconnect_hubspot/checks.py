"""``csconnect check``: every line says how something stands and, where it is not fine, the exact remedy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from csconnect.connectors.protocols import ObjectSchema
from csconnect.errors import CsconnectError, ExternalError, MissingFieldError, WrongOrgError
from csconnect.model.values import Finding, Level
from csconnect_hubspot.portal import Portal, results_of
from csconnect_hubspot.properties import KEY

READ = (
    "companies", "contacts", "deals", "line_items", "products", "tickets", "meetings", "calls", "notes", "tasks",
    "feedback_submissions", "owners",
)  # fmt: skip
NEEDED = frozenset({"companies", "deals", "owners"})
SUPPORTED_MONTHS = 18
OURS = {"companies": "csc_health_score", "deals": KEY, "tasks": KEY}
"""The property by which we see whether an object was provisioned; a mapping of your own may use others."""


def findings(portal: Portal) -> list[Finding]:
    """Stops after the first line when nothing can be known: wrong credentials, an unreachable host, another portal."""
    try:
        portal.verify()
        identity = portal.identity()
    except WrongOrgError:
        raise
    except CsconnectError as error:
        return [_problem(error)]
    kind = "PRODUCTION" if identity.production else f"no production portal ({identity.kind.lower().replace('_', ' ')})"
    found = [_fine("PORTAL", f"signed in to {identity.name}, {kind}"), *_version(portal)]
    for object in READ:
        found.append(_readable(portal, object))
    return [*found, *_ours(portal), *_quota(portal)]


def _readable(portal: Portal, object: str) -> Finding:
    path = portal.paths.owners() if object == "owners" else portal.paths.objects(object)
    try:
        results_of(portal.get(path, {"limit": 1}))
        portal.schema(object)
    except ExternalError as error:
        level = Level.ERROR if object in NEEDED else Level.WARNING
        return _problem(error, level=level, where=object)
    return _fine("READ", f"{object} can be read")


def _ours(portal: Portal) -> Iterator[Finding]:
    """Whether the properties that write-back uses are there, and the keys unique."""
    for object, name in OURS.items():
        try:
            schema = portal.schema(object)
        except ExternalError:
            continue  # _readable has told
        yield _provisioned(object, name, schema)


def _provisioned(object: str, name: str, schema: ObjectSchema) -> Finding:
    field = schema.fields.get(name)
    if field is None:
        return Finding(
            level=Level.NOTE,
            code="I-PROVISION",
            what=f"{object} have no property {name}, which write-back uses",
            where=object,
            remedy="Run csconnect provision --apply before the first apply; reading works without",
        )
    if name == KEY and not field.unique:
        return Finding(
            level=Level.ERROR,
            code=MissingFieldError.code,
            what=f"property {name} of {object} is not a unique identifier",
            where=object,
            remedy="Archive it (HubSpot cannot make it unique later), then run csconnect provision --apply",
        )
    return _fine("PROVISION", f"{object} have property {name}, which write-back uses")


def _quota(portal: Portal) -> Iterator[Finding]:
    try:
        listed = results_of(portal.get(portal.paths.daily_usage()))
    except CsconnectError:
        listed = []  # OAuth apps may not ask; their answers' headers tell
    usage = [one for one in listed if one.get("usageLimit")]
    if usage:
        limit, used = int(usage[0]["usageLimit"]), int(usage[0].get("currentUsage") or 0)
        portal.quota.learn(limit=limit, used=used)
    left = portal.quota.left()
    if left is None:
        yield Finding(level=Level.NOTE, code="I-QUOTA", what="HubSpot does not tell these credentials the day's quota")
    elif left == 0:
        yield Finding(
            level=Level.ERROR,
            code="E-QUOTA",
            what="the calls of this day are used up to the reserve",
            remedy="Run again tomorrow, or lower quota_reserve",
        )
    else:
        yield _fine("QUOTA", f"{left} calls are left today before the reserve")


def _version(portal: Portal) -> Iterator[Finding]:
    """Each dated version is supported for 18 months (vendor page "Versioning")."""
    year, month = (int(part) for part in portal.settings.version.split("-"))
    months = year * 12 + month - 1 + SUPPORTED_MONTHS
    ends = date(months // 12, months % 12 + 1, 1)
    left = (ends - portal.context.now().date()).days
    if left < 90:
        state = f"ends on {ends}" if left > 0 else f"ended on {ends}"
        yield Finding(
            level=Level.WARNING,
            code="W-VERSION",
            what=f"HubSpot's support of API version {portal.settings.version} {state}",
            remedy="Set version to a newer one, after an update of csconnect-hubspot that was tested with it",
        )


def _fine(code: str, what: str) -> Finding:
    return Finding(level=Level.OK, code=f"I-{code}", what=what)


def _problem(error: CsconnectError, *, level: Level = Level.ERROR, where: str = "") -> Finding:
    return Finding(level=level, code=error.error_code, what=error.what, where=where or error.where, remedy=error.remedy)
