"""Faults to play: which requests fail, how, and whether the work is done before the answer is lost."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from csconnect.errors import ConfigError

ACTIONS = ("status", "hang", "drop", "delay")


@dataclass
class Fault:
    """One rule. ``when='after'``: the request is carried out in full, and only then its answer is replaced or lost."""

    method: str = ""
    path: str = ""
    """Regular expression searched in path and query; empty matches all."""
    body: str = ""
    """Regular expression searched in the body; empty matches all."""
    times: int = 1
    """How many requests it strikes; 0 = all."""
    skip: int = 0
    """How many matching requests pass first."""
    action: str = "status"
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    text: str | None = None
    seconds: float = 0.0
    """How long ``delay`` waits before going on."""
    when: str = "before"
    seen: int = 0
    struck: int = 0

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Fault:
        """A rule from a request of the admin endpoint; `ConfigError` when it makes no sense."""
        known = set(cls.__dataclass_fields__) - {"seen", "struck"}
        if unknown := set(raw) - known:
            raise ConfigError(f"unknown keys {sorted(unknown)}", where="fault", remedy=f"Use {sorted(known)}")
        fault = cls(**raw)
        if fault.action not in ACTIONS or fault.when not in ("before", "after"):
            raise ConfigError("unknown action or when", where="fault", remedy=f"Use {ACTIONS} and before or after")
        re.compile(fault.path), re.compile(fault.body)
        return fault

    def matches(self, method: str, path: str, body: str) -> bool:
        return (
            self.method.upper() in ("", method)
            and re.search(self.path, path) is not None
            and (not self.body or re.search(self.body, body) is not None)
        )


class Faults:
    """The rules in force. The first that matches and still has strikes left strikes."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._rules.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def rules(self) -> list[Fault]:
        with self._lock:
            return list(self._rules)

    def strike(self, method: str, path: str, body: bytes) -> Fault | None:
        """The rule that this request meets, counted; None when it passes."""
        with self._lock:
            if not self._rules:
                return None
            text = body.decode("utf-8", "replace")
            for rule in self._rules:
                if (rule.times and rule.struck >= rule.times) or not rule.matches(method, path, text):
                    continue
                rule.seen += 1
                if rule.seen > rule.skip:
                    rule.struck += 1
                    return rule
        return None
