"""Where a call may go: TLS everywhere but on this machine, and never to another host than the connection's own."""

from __future__ import annotations

import ipaddress
from urllib.parse import quote, urlsplit

from csconnect.errors import ConfigError, DataError


def checked_base(url: str, *, where: str = "") -> str:
    """``url`` as ``scheme://host[:port][/path]`` without a trailing slash.

    Raises `ConfigError` unless it is https, or http to loopback, without user, query or fragment.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError("the address is not a web address", where=where, remedy="Write it as https://host")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(
            "the address carries a user, a query or a fragment",
            where=where,
            remedy="Give the host only; secrets go in env: or file:",
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigError(
            f"plain http to {parts.hostname} would send the credentials in the clear", where=where, remedy="Use https"
        )
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine; a name other than ``localhost`` never is, since names can be pointed elsewhere."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_path(path: str) -> str:
    """``path`` itself when appending it to a base stays on that base's host, else `DataError`.

    ``//host`` and ``https://host`` are addresses of their own, and ``..`` would climb out of the API's folder.
    """
    unsafe = not path.startswith("/") or path.startswith("//") or "\\" in path
    climbs = any(part in {".", ".."} for part in path.split("?", 1)[0].split("/"))
    if unsafe or climbs or any(ord(char) < 33 or ord(char) == 127 for char in path):
        raise DataError(
            "a call was about to leave the system's own API: its path is not a plain one", where="request path"
        )
    return path


def segment(value: str) -> str:
    """``value`` as exactly one path segment."""
    if value in {"", ".", ".."}:
        raise DataError("an identifier is empty or a directory step", where="request path")
    return quote(value, safe="")


def same_origin(one: str, other: str) -> bool:
    """Whether two absolute addresses have the same scheme, host and port."""
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
