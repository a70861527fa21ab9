"""What a check found."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Finding(BaseModel):
    """One line of ``csconnect check``: what was looked at, how it stands and, where it is not fine, the exact remedy."""

    model_config = ConfigDict(frozen=True)

    level: Level
    code: str
    what: str
    where: str = ""
    remedy: str = ""
