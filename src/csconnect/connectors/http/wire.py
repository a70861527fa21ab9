"""What a failure of the connection means: can it never work, was nothing sent, or do we simply not know?"""

from __future__ import annotations

import requests
from urllib3.exceptions import NewConnectionError, ProxyError

from csconnect.connectors.http.retry import Lost
from csconnect.errors import ConfigError, CsconnectError, SecretError, UnreachableError


def refused(problem: requests.RequestException, host: str, verify: str | bool) -> CsconnectError | None:
    """The error for problems that trying again cannot mend, else None."""
    text = str(problem)
    # An end of file is a lost connection: it can come after the request was sent.
    if isinstance(problem, requests.exceptions.SSLError) and "EOF" not in text:
        if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
            told = "the given ca_file" if isinstance(verify, str) else "the certificates this machine trusts"
            return UnreachableError(
                f"the TLS certificate of {host} is not vouched for by {told}",
                remedy="Set ca_file to the bundle of the authority that signed it (a company proxy often signs its own)",
            )
        return UnreachableError(f"{host} does not speak TLS as we do", remedy="Check the address and the port")
    if isinstance(problem, (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
        return ConfigError(f"the address {host} cannot be used", remedy="Write it as https://host")
    return None


def unusable(problem: Exception, verify: str | bool = True) -> CsconnectError:
    """The error for credentials or certificates that stop a call before it is made."""
    if isinstance(problem, ValueError):
        return SecretError(
            "the credentials hold characters that cannot be sent", remedy="Look for line ends and stray quotes in them"
        )
    told = f"the CA bundle {verify}" if isinstance(verify, str) else "the CA bundle"
    return ConfigError(
        f"{told} cannot be read",
        remedy="Check ca_file (a relative path starts at the configuration's folder), or REQUESTS_CA_BUNDLE in the environment",
    )


def lost_reason(problem: requests.RequestException, host: str) -> Lost:
    """``sent`` is False only where the connection itself was never made."""
    if isinstance(problem, requests.exceptions.ConnectTimeout):
        return Lost(f"{host} does not take connections (timeout)", sent=False)
    if isinstance(problem, requests.exceptions.ReadTimeout):
        return Lost(f"{host} did not answer in time", sent=True)
    if isinstance(problem, requests.exceptions.ProxyError) or _cause(problem, ProxyError):
        return Lost(f"the proxy on the way to {host} refused or could not be reached", sent=False)
    if _cause(problem, NewConnectionError):
        return Lost(f"{host} cannot be reached (name or connection)", sent=False, absent=True)
    return Lost(f"the connection to {host} was lost", sent=True)


def _cause(problem: BaseException, wanted: type[BaseException]) -> bool:
    """Whether ``wanted`` is among the errors that requests and urllib3 wrapped into ``problem``."""
    seen: list[object] = [problem]
    for _ in range(8):
        if any(isinstance(item, wanted) for item in seen):
            return True
        seen = [inner for item in seen for inner in _inside(item)]
    return False


def _inside(item: object) -> list[object]:
    if not isinstance(item, BaseException):
        return []
    return [*item.args, getattr(item, "reason", None), item.__cause__, item.__context__]
