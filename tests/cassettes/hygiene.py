"""What may stand in a cassette: the scrubbing on the way in, and the scan of what was committed.

Headers are kept by an allow-list, since nobody can list every header that carries a credential. Values of secret parameters
are replaced, not removed, so that a reader still sees that they were sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit, urlunsplit

from ruamel.yaml import YAML

from csconnect.connectors.http import scrub

SCRUBBED = "scrubbed"
LOOPBACK = "127.0.0.1"
"""Stands for the host that a cassette was recorded from."""
REQUEST_HEADERS = frozenset({"content-type", "accept", "sforce-query-options", "sforce-duplicate-rule-header"})
ANSWER_HEADERS = frozenset({"content-type", "retry-after", "sforce-limit-info", "x-request-id", "sfdc-request-id"})
ANSWER_PREFIXES = ("x-hubspot-ratelimit-", "x-hubspot-correlation-id")
SECRET_KEYS = (
    "access_token", "assertion", "client_id", "client_secret", "hapikey", "id_token", "password", "private_key",
    "refresh_token", "security_token", "session_id", "sid", "signature",
)  # fmt: skip
"""Names of parameters whose values are secret, here with underscores, in the wild also without."""
FORM_KEYS = (*SECRET_KEYS, "code", "username", "token")
"""In a JSON body ``code`` is an error's code and ``username`` a user's field; in a form they are an OAuth request's."""


def clean_request(request: Any, hosts: Collection[str] = ()) -> Any:
    """A vcr request without credentials; ``hosts`` (host:port) are those of the system being recorded."""
    request.headers = {
        name: SCRUBBED if name.lower() == "authorization" else value
        for name, value in request.headers.items()
        if name.lower() in REQUEST_HEADERS | {"authorization"}
    }
    parts = urlsplit(request.uri)
    netloc = LOOPBACK if parts.netloc in hosts else parts.netloc.rpartition("@")[2]
    request.uri = urlunsplit((parts.scheme, netloc, parts.path, _form(parts.query), ""))
    if request.body:
        body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
        kind = str(request.headers.get("Content-Type", ""))
        form = "x-www-form-urlencoded" in kind
        request.body = _form(body.decode()).encode() if form else _cleaned(body, hosts)
    return request


def clean_answer(answer: dict[str, Any], hosts: Collection[str] = ()) -> dict[str, Any]:
    """A vcr response without tokens and cookies, and with the recorded host replaced wherever it is named."""
    headers = {
        name: value
        for name, value in answer["headers"].items()
        if name.lower() in ANSWER_HEADERS or name.lower().startswith(ANSWER_PREFIXES)
    }
    body = answer["body"].get("string") or b""
    return {**answer, "headers": headers, "body": {"string": _cleaned(body, hosts)}}


def _form(text: str) -> str:
    """A form or query; left to the letter when there is nothing secret in it, because spelling matters for matching."""
    pairs = parse_qsl(text, keep_blank_values=True)
    if not any(_is_secret(name, FORM_KEYS) for name, _ in pairs):
        return text
    return urlencode([(name, SCRUBBED if _is_secret(name, FORM_KEYS) else value) for name, value in pairs])


def _cleaned(body: bytes, hosts: Collection[str]) -> bytes:
    text = body.decode("utf-8", errors="replace")
    for host in hosts:
        text = text.replace(host, LOOPBACK)
    try:
        data = json.loads(text)
    except ValueError:
        return text.encode()
    return json.dumps(_without_secrets(data), ensure_ascii=False).encode()


def _without_secrets(data: Any) -> Any:
    if isinstance(data, dict):
        return {
            name: SCRUBBED if value is not None and _is_secret(name, SECRET_KEYS) else _without_secrets(value)
            for name, value in data.items()
        }
    return [_without_secrets(item) for item in data] if isinstance(data, list) else data


def _is_secret(name: str, keys: Collection[str]) -> bool:
    bare = name.lower().replace("_", "").replace("-", "")
    return any(bare == key.replace("_", "") for key in keys)


SHAPES: Mapping[str, re.Pattern[str]] = {
    "a HubSpot token": re.compile(r"\bpat-\w"),
    "a Salesforce session": re.compile(r"\b00D[A-Za-z0-9]{9,15}!"),
    "a bearer token": re.compile(r"\bBearer\s+(?!scrubbed)\S"),
    "basic credentials": re.compile(r"\bBasic\s+[A-Za-z0-9+/]{6,}"),
    "a JSON web token": re.compile(r"\beyJ[\w-]{5,}\.[\w-]+"),
    "a private key": re.compile(r"-----BEGIN"),
    "a secret parameter": re.compile(
        rf"(?i)\b(?:{'|'.join(key.replace('_', '[_-]?') for key in SECRET_KEYS)})\b\W{{0,4}}[:=]\W{{0,4}}(?!scrubbed\b)\w"
    ),
    "an authorisation code": re.compile(r"(?i)[?&\s]code=(?!scrubbed\b)\w"),
    "a cookie": re.compile(r"(?i)\b(?:set-)?cookie\b\W{0,4}:"),
    "a long random text": re.compile(r"\b(?=\w*[a-z])(?=\w*[A-Z])(?=\w*\d)[\w+=-]{40,}"),
    "a path of a machine": re.compile(r"(?:/home/|/root/|/Users/|/tmp/|/work/|[A-Z]:\\Users)"),
    "an address of a person": re.compile(r"[\w.+-]+@(?![\w.-]*\bexample\b)[\w-]+\.[\w.-]+"),
}
_URL = re.compile(r"https?://([^/\s\"'?#\\<>]+)")


def findings(text: str, *, hosts: Collection[str], secrets: Collection[str] = ()) -> list[str]:
    """What of a cassette's text must not be there; never the found text itself.

    ``hosts`` are the ones it may name besides loopback and names reserved for examples; ``secrets`` are known ones, looked
    for in all the spellings in which they travel. Comments are looked through as well.
    """
    parts = [text, *_texts(YAML(typ="safe").load(text))]
    parts += [decoded for part in parts if (decoded := unquote_plus(part)) != part]
    found = {what for what, shape in SHAPES.items() if any(shape.search(part) for part in parts)}
    if any(scrub(part, secrets) != part for part in parts):
        found.add("a credential of the emulator")
    named = {host.rpartition("@")[2] for part in parts[1:] for host in _URL.findall(part)}
    found |= {f"the host {host}" for host in named if not _allowed(host, hosts)}
    return sorted(found)


def _allowed(netloc: str, hosts: Collection[str]) -> bool:
    host = netloc.partition(":")[0]
    return netloc in hosts or host in {LOOPBACK, "localhost"} or host.endswith(".example")


def _texts(data: Any) -> Iterator[str]:
    """Every text in a document, names included; bytes as text."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _texts(name)
            yield from _texts(value)
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)
    elif isinstance(data, (str, bytes)):
        yield data if isinstance(data, str) else data.decode("utf-8", errors="replace")
