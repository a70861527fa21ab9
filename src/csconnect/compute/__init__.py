"""Computation: pure, table in and table out.

Everything here takes a DuckDB connection in which the canonical entities stand as tables (made by the lake), an ``as_of`` date
and parsed definitions, and gives back tables. Nothing here reads the clock, the network or the disk (law 10).
"""
