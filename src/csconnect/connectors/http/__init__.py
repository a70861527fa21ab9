"""The HTTP policy every connector gets for free: one place decides about TLS, redirects, retries, rates and quota."""

from csconnect.connectors.http.address import checked_base, checked_path, segment
from csconnect.connectors.http.answer import Answer
from csconnect.connectors.http.auth import Auth, Renewable, Token, TokenAuth
from csconnect.connectors.http.budget import Budget, Quota
from csconnect.connectors.http.judge import Judge, Verdict
from csconnect.connectors.http.retry import UNKNOWN_OUTCOME, RetryPolicy
from csconnect.connectors.http.secrets import Scrubber, resolve_secret, scrub
from csconnect.connectors.http.transport import Transport

__all__ = [
    "UNKNOWN_OUTCOME",
    "Answer",
    "Auth",
    "Budget",
    "Judge",
    "Quota",
    "Renewable",
    "RetryPolicy",
    "Scrubber",
    "Token",
    "TokenAuth",
    "Transport",
    "Verdict",
    "checked_base",
    "checked_path",
    "resolve_secret",
    "scrub",
    "segment",
]
