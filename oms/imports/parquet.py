"""Parquet files. Apart from the rest, because its library takes a third of a second to load."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oms.errors import Invalid


def inspect(path: Path) -> tuple[list[str], int]:
    """The names of the columns, and how many rows there are."""
    with _opened(path) as file:
        return [str(name) for name in file.schema_arrow.names], file.metadata.num_rows


def batches(path: Path, *, rows: int) -> Iterator[list[tuple[str, ...]]]:
    """The rows in pieces, every cell as the text that a CSV file would hold; null is empty."""
    with _opened(path) as file:
        for batch in file.iter_batches(batch_size=rows):
            yield list(zip(*map(_as_text, batch.columns), strict=True))


def values(path: Path, column: str) -> Iterator[list[Any]]:
    """One column's values in pieces; all columns are decoded on the way, so faults are found."""
    with _opened(path) as file:
        for batch in file.iter_batches():
            yield batch.column(column).to_pylist()


def write(
    path: Path,
    kinds: Sequence[tuple[str, type]],
    pieces: Iterable[Sequence[Sequence[Any]]],
    *,
    compression: Literal["snappy", "zstd"] = "snappy",
) -> int:
    """Write rows whose columns have these names and kinds; None is null. Return how many."""
    types: dict[type, pa.DataType] = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        bytes: pa.binary(),
        datetime: pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in kinds])
    count = 0
    with pq.ParquetWriter(path, schema, compression=compression) as writer:
        for piece in pieces:
            count += len(piece)
            columns = zip(*piece, strict=True)
            arrays = [
                pa.array(list(values), field.type)
                for values, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return count


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except pa.ArrowInvalid as error:
        raise Invalid(
            f"the file is no Parquet file: {str(error).splitlines()[0]}",
            field="file",
            remedy="write it again; a file named .parquet must be one",
        ) from error


def _as_text(column: Any) -> list[str]:
    if pa.types.is_floating(column.type):
        # A program that knows no empty whole number writes 5.0 for 5.
        return ["" if value is None else f"{value:.15g}" for value in column.to_pylist()]
    try:
        words: list[str] = pc.fill_null(pc.cast(column, pa.string()), "").to_pylist()
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return ["" if value is None else str(value) for value in column.to_pylist()]
    return words
