"""What to say of a signal, in one language."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SignalWords(BaseModel):
    """What to say of one signal: ``some`` with its value, ``none`` when the value is zero, ``one`` when it is one (where that wants
    words of its own), ``first`` what to do about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    some: str
    one: str | None = None
    none: str
    first: str
