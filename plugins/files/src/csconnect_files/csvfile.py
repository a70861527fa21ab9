"""CSV files as record batches of text columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from csconnect.errors import DataError

_BLOCK = 8 * 1024 * 1024
_HEAD = 1024 * 1024
_DECIMAL_COMMA = r"^[+-]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+,[0-9]+|[0-9]{1,3}(\.[0-9]{3})+,[0-9]+)$"


@dataclass(frozen=True)
class Dialect:
    """How a file is written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal_comma: bool = False


@dataclass(frozen=True)
class BadRow:
    """A row with another number of columns than the header; rows count from 1, the header among them."""

    number: int
    columns: int
    expected: int


def header(path: Path, name: str, dialect: Dialect) -> list[str]:
    """The column names, stripped; empty for an empty file. Duplicate or nameless columns are a `DataError`."""
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            head = stream.read(_HEAD)
    except (OSError, pa.ArrowException) as error:
        raise unreadable(name, error) from None
    try:
        text = head.decode(dialect.encoding, "strict" if len(head) < _HEAD else "ignore")
    except UnicodeDecodeError:
        raise _encoding_error(path, name, dialect) from None
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=dialect.delimiter)
    try:
        names = [column.strip() for column in next(rows, [])]
    except csv.Error as error:
        raise unreadable(name, error) from None
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        which = ", ".join(f"'{column}'" for column in twice if column) or "columns without a name"
        raise DataError(f"The header has {which} more than once", where=name, remedy="Give every column its own name")
    return names


def lines(path: Path, name: str) -> int:
    """The number of lines below the header, without reading what they say."""
    count, last = 0, b"\n"
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            while chunk := stream.read(_BLOCK):
                count += chunk.count(b"\n")
                last = chunk[-1:]
    except (OSError, pa.ArrowException) as error:
        raise unreadable(name, error) from None
    return max(count + (last != b"\n") - 1, 0)


def batches(
    path: Path, name: str, dialect: Dialect, columns: Sequence[str], on_bad_row: Callable[[BadRow], None]
) -> Iterator[pa.RecordBatch]:
    """The asked-for columns as text, in batches of some megabytes; an empty cell is null.

    Rows with the wrong number of columns go to ``on_bad_row``; when the last row is one, the file is half-written: `DataError`.
    """
    names = header(path, name, dialect)
    if not names:
        return
    _demand_closed_quotes(path, name, dialect)
    bad: list[BadRow] = []
    good = 0
    for batch in _stream(path, name, dialect, names, columns, bad):
        good += batch.num_rows
        yield _decimals(batch) if dialect.decimal_comma else batch
    if bad and bad[-1].number >= good + len(bad) + 1:
        raise DataError(
            f"The last row has {bad[-1].columns} columns instead of {bad[-1].expected}: the file was cut off",
            where=f"{name}, row {bad[-1].number}",
            remedy="Deliver it again, under another name until it is whole",
        )
    for row in bad:
        on_bad_row(row)


def _stream(
    path: Path, name: str, dialect: Dialect, names: list[str], columns: Sequence[str], bad: list[BadRow]
) -> Iterator[pa.RecordBatch]:
    def skip(row: Any) -> str:
        bad.append(BadRow(row.number or 0, row.actual_columns, row.expected_columns))
        return "skip"

    try:
        reader = pacsv.open_csv(
            str(path),
            # One thread: only then does Arrow count rows.
            read_options=pacsv.ReadOptions(
                block_size=_BLOCK,
                encoding=dialect.encoding,
                use_threads=False,
                column_names=names,
                skip_rows_after_names=1,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=skip
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=list(columns),
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
        yield from reader
    except (pa.ArrowException, UnicodeError, OSError) as error:
        if not lines(path, name):
            return
        wrong = _first_undecodable(path, dialect.encoding)
        raise (_encoding_error(path, name, dialect) if wrong else unreadable(name, error)) from None


def _demand_closed_quotes(path: Path, name: str, dialect: Dialect) -> None:
    # To Arrow a quote that is never closed is one long text: every record behind it would vanish without a sound.
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            quotes = 0
            while chunk := stream.read(_BLOCK):
                quotes += chunk.count(b'"')
        if quotes % 2 == 0:
            return
        with pa.input_stream(str(path), compression="detect") as stream:
            text = io.TextIOWrapper(io.BufferedReader(stream), encoding=dialect.encoding, errors="replace", newline="")
            line = _unclosed(csv.reader(text, delimiter=dialect.delimiter, strict=True))
    except (OSError, pa.ArrowException) as error:
        raise unreadable(name, error) from None
    if line:
        raise DataError(
            "A quoted text that begins in this row is never closed",
            where=f"{name}, line {line}",
            remedy="Deliver the file again; it was cut off, or a quote is missing",
        )


def _unclosed(rows: Any) -> int | None:
    line = 1
    try:
        for _ in rows:
            line = rows.line_num + 1
    except csv.Error as error:
        # Other complaints of the strict reader are about quotes that Arrow takes as they stand.
        return line if "unexpected end" in str(error) or "field limit" in str(error) else None
    return None


def _decimals(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = []
    for column in batch.columns:
        plain = pc.replace_substring(pc.replace_substring(column, ".", ""), ",", ".")
        columns.append(pc.if_else(pc.match_substring_regex(column, _DECIMAL_COMMA), plain, column))
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def unreadable(name: str, error: Exception) -> DataError:
    """A parser's complaint without its words, which quote the data."""
    kind = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged or not of this format"
    return DataError(
        f"The file cannot be read: {kind}", where=name, remedy="Deliver it again, and check 'delimiter' and 'encoding'"
    )


def _encoding_error(path: Path, name: str, dialect: Dialect) -> DataError:
    line, byte = _first_undecodable(path, dialect.encoding) or (1, 0)
    return DataError(
        f"The text is not {dialect.encoding} (byte {byte} of the line)",
        where=f"{name}, line {line}",
        remedy="Say under 'encoding' how the file is written, for instance gb18030, cp1252 or utf-16, or export it as UTF-8",
    )


def _first_undecodable(path: Path, encoding: str) -> tuple[int, int] | None:
    """Line and byte, both from 1, where decoding fails; None where it does not, or the file cannot be unpacked."""
    try:
        with pa.input_stream(str(path), compression="detect") as stream, io.BufferedReader(stream) as file:
            if encoding.startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
                file.read().decode(encoding)
                return None
            for number, line in enumerate(file, 1):
                try:
                    line.decode(encoding)
                except UnicodeDecodeError as error:
                    return number, error.start + 1
    except UnicodeDecodeError as error:
        return 1, error.start + 1
    except (OSError, pa.ArrowException):
        return None
    return None
