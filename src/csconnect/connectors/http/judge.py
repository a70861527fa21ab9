"""What a connector thinks of an answer. The policy asks; only the connector knows its system's ways of saying no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from csconnect.connectors.http.answer import Answer
from csconnect.errors import CsconnectError

Kind = Literal["ok", "retry", "reauth", "fail"]


@dataclass(frozen=True)
class Verdict:
    """``ok``: use it. ``retry``: it may work later. ``reauth``: renew the credentials, once. ``fail``: raise ``error``.

    ``wait`` is in seconds, when the system said or is known to want it. ``error`` is raised when nothing more is tried.
    ``nothing_done`` says that the system certainly did not carry the request out, so that even a create may be repeated;
    left open it is taken to be so below status 500.
    """

    kind: Kind
    wait: float | None = None
    error: CsconnectError | None = None
    nothing_done: bool | None = None


OK = Verdict("ok")


class Judge(Protocol):
    """Implemented by each connector; also the place to read rate and quota headers off every answer."""

    def __call__(self, answer: Answer, /) -> Verdict: ...
