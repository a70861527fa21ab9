"""Deterministic keys of the records that csconnect creates.

A key is a *stem*, which says what the record is about, and a sequence: ``crm:001xx|renewal_due|crm:801xx|2``. It fits a
unique text field of 255 characters; a longer stem is cut and ends in its hash.
"""

from __future__ import annotations

import hashlib
from datetime import date

_BAR = "|"
_MOST = 240


def renewal_stem(contract: str, term_start: date) -> str:
    """Stem of the renewal opportunity of the term of ``contract`` (canonical key) that starts on ``term_start``."""
    return _stem("renewal", contract, term_start.isoformat())


def expansion_stem(account: str, product_line: str | None) -> str:
    """Stem of the expansion opportunity of ``account`` (canonical key), of one product line or of the whole."""
    return _stem("expansion", account, product_line or "")


def task_stem(account: str, rule: str, subject: str = "") -> str:
    """Stem of the task that ``rule`` asks for; ``subject`` is what it is about within the account, such as a term's key."""
    return _stem(account, rule, subject)


def with_sequence(stem: str, number: int) -> str:
    """The key of the ``number``-th record (from 1) with this stem."""
    return f"{stem}{_BAR}{number}"


def split_key(key: str | None) -> tuple[str, int] | None:
    """Stem and sequence of one of our keys, None for anything else that stands in the field."""
    stem, bar, number = (key or "").rpartition(_BAR)
    return (stem, int(number)) if bar and stem.count(_BAR) == 2 and number.isascii() and number.isdecimal() else None


def rule_of(key: str | None) -> str:
    """The rule a task's key was made for, empty when it is not a key of ours."""
    parts = split_key(key)
    return parts[0].split(_BAR)[1].replace("%7C", _BAR).replace("%25", "%") if parts else ""


def _stem(*parts: str) -> str:
    safe = [part.replace("%", "%25").replace(_BAR, "%7C") for part in parts]
    text = _BAR.join(safe)
    if len(text) <= _MOST:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return _BAR.join([safe[0][:100], safe[1][:80], digest])
