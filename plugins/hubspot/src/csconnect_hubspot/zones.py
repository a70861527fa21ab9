"""The portal's time zone, from its account details (vendor page "Account information")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


def zone_of(details: Mapping[str, Any]) -> tzinfo:
    """By name; where this machine does not know the name, by the offset of today; UTC where the portal tells neither."""
    name, told = details.get("timeZone"), OFFSET.fullmatch(str(details.get("utcOffset")))
    try:
        if isinstance(name, str) and name:
            return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        name = None
    if told is None:
        return UTC
    offset = timedelta(hours=int(told[2]), minutes=int(told[3]))
    return timezone(-offset if told[1] == "-" else offset)
