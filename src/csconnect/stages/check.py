"""Look before the first pull: can we get in, may we read what the mappings want, is there what write-back needs?"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator

from csconnect.connectors.protocols import ObjectSchema, Source
from csconnect.errors import ConfigError, CsconnectError, MissingFieldError, ScopeError
from csconnect.mapping import Mapping
from csconnect.model.values import Finding, Level
from csconnect.stages.workspace import Workspace

_ABSENT = "N-OBJECT"
_OPENING = {"stage": "stage", "void_stage": "stage", "pipeline": "pipeline"}
"""Setting under ``write_back`` -> the owned field that takes it."""


def check(workspace: Workspace, connection: str) -> list[Finding]:
    """Findings about ``connection``, fine ones included; never writes. A problem is a finding, not an exception."""
    try:
        source = workspace.source(connection)
        workspace.note(f"{connection}: checking")
        findings = source.check()
        if any(finding.level is Level.ERROR for finding in findings):
            return findings  # what cannot be entered cannot be described either
        workspace.org(connection)
        mapped = [*_mapped(workspace, connection, source), *_named(workspace, connection, source)]
        openings = _openings(workspace, connection, source)
        return [*findings, *_together(mapped), *openings, *_idle(workspace, connection), *_scope(workspace, connection)]
    except CsconnectError as error:
        return [
            Finding(level=Level.ERROR, code=error.error_code, what=error.what, where=error.where, remedy=error.remedy)
        ]


def _mapped(workspace: Workspace, connection: str, source: Source) -> Iterator[Finding]:
    schemas: dict[str, ObjectSchema | CsconnectError] = {}
    for mapping in workspace.mappings(connection):
        if mapping.object not in schemas:
            try:
                schemas[mapping.object] = source.describe(mapping.object)
            except (MissingFieldError, ScopeError) as error:
                schemas[mapping.object] = error
        yield _readable(mapping, schemas[mapping.object])
        switched_on = getattr(workspace.connection(connection).write_back, mapping.entity, False)
        if switched_on and workspace.writable(connection):  # of a folder of exports a plan is made, and never written
            yield from _writable(mapping, schemas[mapping.object], connection)


def _readable(mapping: Mapping, schema: ObjectSchema | CsconnectError) -> Finding:
    where = f"{mapping.object} → {mapping.entity}"
    if isinstance(schema, CsconnectError):
        if mapping.optional:
            return Finding(level=Level.NOTE, code=_ABSENT, what=mapping.object)
        return Finding(level=Level.ERROR, code="E-OBJECT", what=schema.what, where=where, remedy=schema.remedy)
    try:
        fields = mapping.fields_for(schema.fields.keys())
    except MissingFieldError as error:
        return Finding(level=Level.ERROR, code=error.error_code, what=error.what, where=where, remedy=error.remedy)
    absent = sorted(set(mapping.source_fields()) - set(fields) - _spares(mapping, fields))
    if absent:
        return Finding(
            level=Level.NOTE,
            code="N-OPTIONAL",
            what=f"{len(fields)} fields readable; not there or hidden from us: {', '.join(absent)}",
            where=where,
            remedy="Fine as it is; signals that need them stay unknown. Map other fields to use them",
        )
    return Finding(level=Level.OK, code="OK", what=f"{len(fields)} fields readable", where=where)


def _together(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The same, with one line for everything that may be absent and is."""
    absent = []
    for finding in findings:
        if finding.code == _ABSENT:
            absent.append(finding.what)
        else:
            yield finding
    if absent:
        yield Finding(
            level=Level.NOTE,
            code=_ABSENT,
            what=f"not there or hidden from us: {', '.join(dict.fromkeys(absent))}",
            remedy="Fine as it is; signals that need them stay unknown",
        )


def _named(workspace: Workspace, connection: str, source: Source) -> Iterator[Finding]:
    """Fields that the configuration itself names: a misspelt one would quietly give tasks to the wrong person."""
    settings, mapping = workspace.connection(connection), next(iter(workspace.mappings(connection).of("account")), None)
    if settings.csm_field is None or mapping is None:
        return
    there = source.describe(mapping.object).fields
    if settings.csm_field not in there:
        close = difflib.get_close_matches(settings.csm_field, there, 3)
        yield Finding(
            level=Level.ERROR,
            code=MissingFieldError.code,
            what=f"{mapping.object} has no field {settings.csm_field}, or it is hidden from us",
            where=f"{connection}: csm_field",
            remedy=f"Did you mean {', '.join(close)}?" if close else "Make it visible, or name another field",
        )


def _idle(workspace: Workspace, connection: str) -> Iterator[Finding]:
    """Settings that do nothing as long as opportunities may not be written."""
    settings = workspace.connection(connection)
    if settings.write_back.opportunity or not settings.home:
        return
    idle = ["expansion.enabled"] if workspace.config.expansion.enabled else []
    idle += ["write_back.fields.opportunity"] if settings.write_back.fields.opportunity else []
    for name in idle:
        yield Finding(
            level=Level.WARNING,
            code="W-IDLE",
            what=f"{name} does nothing here: opportunities are not written",
            where=connection,
            remedy="Set opportunity: true under its write_back, or take the setting away",
        )


def _openings(workspace: Workspace, connection: str, source: Source) -> Iterator[Finding]:
    """Where renewals begin and end: a stage or pipeline that the system does not list would refuse every one of them."""
    written = workspace.connection(connection).write_back
    mapping = workspace.mappings(connection).writer("opportunity") if written.opportunity else None
    if mapping is None or not workspace.writable(connection):
        return
    there = source.describe(mapping.object).fields
    for name, owner in _OPENING.items():
        field = mapping.write[owner].to if owner in mapping.write else None
        listed, value = there[field].choices if field and field in there else (), written.settings.get(name)
        if value is not None and listed and str(value) not in listed:
            close = difflib.get_close_matches(str(value).lower(), [one.lower() for one in listed], 1)
            meant = [one for one in listed if one.lower() in close]
            yield Finding(
                level=Level.ERROR,
                code=ConfigError.code,
                what=f"{mapping.object} has no {field} '{value}'",
                where=f"{connection}: write_back.settings.{name}",
                remedy=f"Did you mean {meant[0]}?" if meant else f"Use one of {', '.join(listed)}",
            )


def _spares(mapping: Mapping, fields: Collection[str]) -> set[str]:
    """Fields whose absence is no news: those we write (looked at apart), and alternatives of which another is there."""
    spares = {owned.to for owned in mapping.write.values() if owned.to}
    for item in mapping.read.values():
        if any(path in fields for path in item.paths):
            spares |= set(item.paths)
    return spares


def _writable(mapping: Mapping, schema: ObjectSchema | CsconnectError, connection: str) -> Iterator[Finding]:
    if isinstance(schema, CsconnectError) or not mapping.write:
        return
    where = f"{mapping.entity} → {mapping.object}"
    owned = [each.to for each in mapping.write.values() if each.to and (each.to in schema.fields or not each.optional)]
    missing = sorted(name for name in owned if name not in schema.fields)
    frozen = sorted(name for name in owned if name in schema.fields and not schema.fields[name].writable)
    if missing:
        yield Finding(
            level=Level.ERROR,
            code="E-PROVISION",
            what=f"missing or hidden: {', '.join(missing)}",
            where=where,
            remedy=f"csconnect provision {connection} --apply, or --export DIR and deploy it; where they exist, give "
            "csconnect's user the right to see them (a permission set, a scope)",
        )
    if frozen:
        yield Finding(
            level=Level.ERROR,
            code="E-READONLY",
            what=f"not writable by our user: {', '.join(frozen)}",
            where=where,
            remedy="Grant edit access, or map another field",
        )
    if not missing and not frozen:
        yield Finding(level=Level.OK, code="OK", what=f"{len(owned)} fields writable", where=where)


def _scope(workspace: Workspace, connection: str) -> Iterator[Finding]:
    settings = workspace.connection(connection)
    scoped = any("is_customer" in mapping.read for mapping in workspace.mappings(connection).of("account"))
    if settings.home and not scoped:
        yield Finding(
            level=Level.WARNING,
            code="W-SCOPE",
            what="every account counts as a customer",
            where=connection,
            remedy="Say which are, so that prospects and test accounts get no score: customers: {field: ..., values: [...]}",
        )
    switches = settings.write_back
    writes = workspace.writable(connection) and (switches.account or switches.opportunity or switches.task)
    if settings.home and not settings.org and writes:
        yield Finding(
            level=Level.WARNING,
            code="W-UNPINNED",
            what="the connection is not pinned to one org",
            where=connection,
            remedy=f'Write org: "{workspace.org(connection)}" into the connection, so that no other org can be '
            "written to by accident",
        )
