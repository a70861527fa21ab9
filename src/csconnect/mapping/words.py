"""Phrases of error messages: the known values, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_MOST = 40


def listed(known: Iterable[str]) -> str:
    """Names in alphabetical order, cut where a sentence would become a page."""
    names = sorted(known)
    if not names:
        return "none"
    return ", ".join(names[:_MOST]) + (f" and {len(names) - _MOST} more" if len(names) > _MOST else "")


def suggest(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'? Known: ...``; the question only where something is close."""
    names = list(known)
    return f"{did_you_mean(word, names)}Known: {listed(names)}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``Did you mean 'x'? `` where something is close, else nothing."""
    folded = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), folded, n=1)
    return f"Did you mean '{folded[close[0]]}'? " if close else ""
