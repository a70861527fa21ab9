"""How the kit says no: what is wrong, why it matters, what to write next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from csconnect.errors import CsconnectError


def demand(holds: object, what: str, *, why: str, do: str) -> None:
    """`AssertionError` with all three unless ``holds``; ``what`` may name values, which are the kit's own."""
    if not holds:
        raise AssertionError(f"{what}\n  Why it matters: {why}\n  Write next: {do}")


class Caught:
    """The error that `refusal` met, once it is over."""

    error: CsconnectError | None = None


@contextmanager
def refusal(
    kinds: type[CsconnectError] | tuple[type[CsconnectError], ...], what: str, *, why: str, do: str
) -> Iterator[Caught]:
    """What is done inside must raise an error of ``kinds``; anything else a connector raises is a fault of it."""
    caught = Caught()
    try:
        yield caught
    except kinds as error:
        caught.error = error
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(
            f"{what}: it raised {type(error).__name__} instead\n  Why it matters: {why}\n  Write next: {do}"
        ) from error
    demand(caught.error is not None, f"{what}: it raised nothing", why=why, do=do)
