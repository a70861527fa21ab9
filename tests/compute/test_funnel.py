"""The inverted funnel, cell by cell as the source prints it (decks 000:132-158)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csconnect.compute.funnel import Year, growth, growth_of, ndr_of, project
from csconnect.errors import ConfigError

FIFTY_MILLION = Decimal(50_000_000)
TABLES = {
    "GT-03": (
        ("0.30", "0.20", "0", "0.80", "0.61051"),
        [50_000_000, 55_000_000, 60_500_000, 66_550_000, 73_205_000, 80_525_500],
        [15_000_000, 16_500_000, 18_150_000, 19_965_000, 21_961_500, 24_157_650],
        [-10_000_000, -11_000_000, -12_100_000, -13_310_000, -14_641_000, -16_105_100],
        [0, 0, 0, 0, 0, 0],
        88_578_050,
    ),
    "GT-04": (
        ("0.30", "0.10", "0", "0.90", "1.48832"),
        [50_000_000, 60_000_000, 72_000_000, 86_400_000, 103_680_000, 124_416_000],
        [15_000_000, 18_000_000, 21_600_000, 25_920_000, 31_104_000, 37_324_800],
        [-5_000_000, -6_000_000, -7_200_000, -8_640_000, -10_368_000, -12_441_600],
        [0, 0, 0, 0, 0, 0],
        149_299_200,
    ),
    "GT-05": (
        ("0.30", "0.10", "0.20", "1.10", "4.37824"),
        [50_000_000, 70_000_000, 98_000_000, 137_200_000, 192_080_000, 268_912_000],
        [15_000_000, 21_000_000, 29_400_000, 41_160_000, 57_624_000, 80_673_600],
        [-5_000_000, -7_000_000, -9_800_000, -13_720_000, -19_208_000, -26_891_200],
        [10_000_000, 14_000_000, 19_600_000, 27_440_000, 38_416_000, 53_782_400],
        376_476_800,
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_each_cell_of_the_table(name):
    (new, churn, expansion, ndr, grown), bases, news, churns, expansions, closing = TABLES[name]
    rates = {"new": Decimal(new), "churn": Decimal(churn), "expansion": Decimal(expansion)}
    years = project(FIFTY_MILLION, **rates, years=5)
    assert [year.base for year in years] == bases
    assert [year.new for year in years] == news
    assert [year.churn for year in years] == churns
    assert [year.expansion for year in years] == expansions
    assert years[-1].closing == closing
    assert {year.ndr for year in years} == {Decimal(ndr)} == {ndr_of(rates["churn"], rates["expansion"])}
    assert growth(years) == Decimal(grown)


def test_gt06_growth_is_what_the_old_bring_and_the_new():
    """NDR of 120 % and 10 % of new: 130 % of last year, 30 % growth (decks 000:132-133)."""
    assert growth_of(Decimal("1.2"), Decimal("0.1")) == Decimal("0.3")
    years = project(Decimal(100), new=Decimal("0.1"), churn=Decimal(0), expansion=Decimal("0.2"), years=1)
    assert growth(years) == Decimal("0.3")


RATES = st.decimals(0, 1, places=3)
AMOUNTS = st.decimals(0, 10**9, places=2)


@given(AMOUNTS, RATES, RATES, RATES, st.integers(0, 8))
def test_a_plain_loop_says_the_same(base, new, churn, expansion, count):
    years = project(base, new=new, churn=churn, expansion=expansion, years=count)
    assert len(years) == count + 1
    for number, year in enumerate(years):
        expected = base * (1 + new - churn + expansion) ** number
        assert abs(year.base - expected) <= max(expected, Decimal(1)) * Decimal("1e-20")
        assert year.churn <= 0 <= year.new
        assert "-0" not in {str(year.churn.normalize()), str(year.expansion.normalize())}


def test_without_a_base_nothing_grows():
    years = project(Decimal(0), new=Decimal("0.3"), churn=Decimal("0.1"), expansion=Decimal(0), years=2)
    assert growth(years) is None
    assert years[0] == Year(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    assert years[0].ndr is None


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"base": Decimal(-1)}, "base of a projection is -1"),
        ({"new": Decimal("-0.1")}, "new of a projection is -0.1"),
        ({"churn": Decimal("1.01")}, "more than all"),
        ({"expansion": Decimal("NaN")}, "expansion of a projection is NaN"),
        ({"new": Decimal("Infinity")}, "new of a projection"),
        ({"years": 51}, "51 years"),
        ({"years": -1}, "-1 years"),
    ],
)
def test_what_cannot_be_projected_is_told(changed, says):
    rates = {"base": Decimal(1), "new": Decimal(0), "churn": Decimal(1), "expansion": Decimal(0), "years": 50} | changed
    with pytest.raises(ConfigError, match=says):
        project(rates.pop("base"), **rates)
