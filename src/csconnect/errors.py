"""Every error csconnect raises on purpose, grouped by how one recovers from it.

    CsconnectError
    ├── ConfigError          mend a file of yours: csconnect.yaml, a mapping, a scorecard
    │   ├── MappingError
    │   ├── CardError
    │   └── SecretError
    ├── ExternalError         mend something in the other system, or reach it
    │   ├── AuthError        credentials wrong or expired
    │   ├── ScopeError       a permission is missing
    │   ├── WrongOrgError    not the org that the connection is pinned to
    │   ├── MissingFieldError   a field or object does not exist, or is hidden from us
    │   └── UnreachableError host, TLS or network
    ├── TransientError       try again later; nothing is wrong with the request
    │   ├── RateLimitedError
    │   └── QuotaReservedError  we stopped ourselves to leave quota for people
    ├── DataError            mend the data: a file that cannot be read, a page that is not what was promised
    ├── PlanError            make a new plan
    │   ├── PlanAlteredError
    │   └── PlanStaleError
    └── GuardError           a guard stopped the run; give a reason to go on

An error is one sentence for a person: *what* happened, *where*, and the *remedy*. It never carries a secret or a record's
raw values.
"""

from __future__ import annotations

from typing import ClassVar


class CsconnectError(Exception):
    """Base of all errors that a user is meant to read.

    ``what`` says what is wrong, ``where`` names the file, connection or field, ``remedy`` says how to mend it.
    ``code`` is stable and searchable; ``exit_code`` is what the command line returns (see docs/exit-codes.md).
    """

    code: ClassVar[str] = "E-ERROR"
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "", code: str | None = None) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        self._code = code or type(self).code
        super().__init__(str(self))

    @property
    def error_code(self) -> str:
        """The code of this very error; a class's ``code`` unless the raiser was more precise."""
        return self._code

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.remedy:
            parts.append(self.remedy)
        return " ".join(part.rstrip(".") + "." for part in parts) + f" ({self._code})"


class ConfigError(CsconnectError):
    code = "E-CONFIG"


class MappingError(ConfigError):
    code = "E-MAPPING"


class CardError(ConfigError):
    code = "E-CARD"


class SecretError(ConfigError):
    code = "E-SECRET"


class ExternalError(CsconnectError):
    """Something in, or on the way to, the connected system."""

    code = "E-SYSTEM"


class AuthError(ExternalError):
    code = "E-AUTH"


class ScopeError(ExternalError):
    code = "E-SCOPE"


class WrongOrgError(ExternalError):
    code = "E-WRONG-ORG"


class MissingFieldError(ExternalError):
    code = "E-FIELD"


class UnreachableError(ExternalError):
    code = "E-UNREACHABLE"


class TransientError(CsconnectError):
    code = "E-TRANSIENT"


class RateLimitedError(TransientError):
    code = "E-RATE"


class QuotaReservedError(TransientError):
    code = "E-QUOTA"
    exit_code = 4


class DataError(CsconnectError):
    code = "E-DATA"


class PlanError(CsconnectError):
    code = "E-PLAN"


class PlanAlteredError(PlanError):
    code = "E-PLAN-ALTERED"


class PlanStaleError(PlanError):
    code = "E-PLAN-STALE"


class GuardError(CsconnectError):
    code = "E-GUARD"
    exit_code = 4
