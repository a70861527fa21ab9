"""Which tests of the kit apply to a connector: a test that needs what a system cannot do is not there at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, TypeVar

from hypothesis import HealthCheck, Phase, settings

from csconnect.connectors.protocols import Capabilities
from csconnect.testing.bench import Bench

Test = TypeVar("Test", bound=Callable[..., None])
_NEEDS = "_csconnect_needs"


class Metafunc(Protocol):
    """The part of pytest's object of that name that is used here."""

    fixturenames: list[str]

    def parametrize(self, argnames: str, argvalues: list[str]) -> None: ...


def needs(*names: str) -> Callable[[Test], Test]:
    """Marks a test: ``names`` are fields of `Capabilities` that must be true (not empty), or optional hands of the `Bench`."""

    def mark(test: Test) -> Test:
        setattr(test, _NEEDS, names)
        return test

    return mark


class Kit:
    """Base of the kits. A subclass sets ``capabilities`` and ``bench_class``; a fixture ``bench`` gives the bench itself.

    ``capabilities`` must be what the opened connector says (a test compares them). ``entities`` are those of which the bench
    can make records; an account is always needed. ``records`` is how many it takes to fill at least three pages of a pull, 0 for
    a system that knows no pages. ``examples`` is how often each property is tried.
    """

    capabilities: ClassVar[Capabilities]
    bench_class: ClassVar[type[Bench]]
    entities: ClassVar[tuple[str, ...]] = ("account",)
    records: ClassVar[int] = 30
    examples: ClassVar[int] = 10

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not hasattr(cls, "capabilities") and not hasattr(cls, "bench_class"):
            return
        for name in ("capabilities", "bench_class"):
            if not hasattr(cls, name):
                raise TypeError(f"{cls.__name__} must set '{name}', by which the kit picks its tests")
        able = {name for name, value in vars(cls.capabilities).items() if value} | cls.bench_class.hands()
        able |= {"pages"} if cls.records else set()
        for name in dir(cls):
            if not able.issuperset(getattr(getattr(cls, name), _NEEDS, ())):
                setattr(cls, name, None)  # pytest takes no notice of what cannot be called

    def tries(self) -> settings:
        """How a property is tried on a real system: without a deadline, without a memory of its own."""
        return settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow],
            phases=[Phase.generate, Phase.shrink],
        )

    def pytest_generate_tests(self, metafunc: Metafunc) -> None:
        """A test that asks for ``entity`` runs for each of ``entities``, one that asks for ``made`` for each that we create."""
        if "entity" in metafunc.fixturenames:
            metafunc.parametrize("entity", list(self.entities))
        if "made" in metafunc.fixturenames:
            metafunc.parametrize("made", sorted(self.capabilities.creates))
