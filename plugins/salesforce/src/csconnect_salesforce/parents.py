"""Parents: a value read over a relation changes with the parent's stamp, and leaves that of the row itself alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from csconnect.errors import MissingFieldError
from csconnect_salesforce.session import Session

STAMP = "SystemModstamp"
_TEXT = re.compile(r"'(?:[^'\\]|\\.)*'")
_PATH = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


def parent_stamps(session: Session, object: str, fields: Iterable[str], where: str = "") -> list[str]:
    """Paths of the stamps of all parents that ``fields`` and ``where`` look at, such as ``Order.SystemModstamp``.

    Parents of several kinds (``What``, ``Who``) show no stamp and are left out.
    """
    paths = [*fields, *_PATH.findall(_TEXT.sub("", where))]
    relations = dict.fromkeys(relation for path in paths for relation in _relations(path))
    return [f"{relation}.{STAMP}" for relation in relations if _stamped(session, object, relation)]


def _relations(path: str) -> Iterable[str]:
    """``Contract`` and ``Contract.Account`` of ``Contract.Account.Name``."""
    steps = path.split(".")
    return (".".join(steps[:end]) for end in range(1, len(steps)))


def _stamped(session: Session, object: str, relation: str) -> bool:
    """Whether the relation leads to objects of one kind that have a stamp."""
    for step in relation.split("."):
        kinds = [
            field["referenceTo"]
            for field in session.fields(object).values()
            if step.lower() == (field.get("relationshipName") or "").lower()
        ]
        if len(kinds) != 1 or len(kinds[0]) != 1:
            return False
        object = kinds[0][0]
        try:
            known = session.fields(object)
        except MissingFieldError:
            return False
    return STAMP in known
