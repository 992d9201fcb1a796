"""Consul snapshots as a data source of Spark.

    from snapscope import spark as snapscope_spark

    snapscope_spark.register(spark)
    tokens = spark.read.format("snapscope").option("table", "tokens").load("s3://bucket/backups/")

Each snapshot is one partition. Options:

- ``table``: a table, such as ``kv`` or ``tokens``; or ``snapshots``, which has one row for each file.
- ``columns``: the columns to read, separated by commas. Others are not decoded. A schema given to the reader does the same.
- ``damaged``: ``keep`` (the default) reads what there is of damaged snapshots and marks their rows; ``fail`` fails.
- ``show_secrets``: ``true`` shows secrets and the values of keys.
- ``pushdown``: ``true`` lets conditions exclude files and rows before they are decoded; see below.

``load`` takes a file, a folder, a pattern, the URL of an object, or the URL of a folder in a bucket.

The schema is known without reading a file. All tables begin with ``file``, ``date``, ``damaged``, ``cluster``,
``datacenter``, ``snapshot``, ``taken`` and ``raft_index``.

With ``pushdown``, conditions on these columns exclude whole files: those on ``file`` before a file is opened, the others
before its table is decoded. Conditions on the ID of a table, its next column, select rows before they are decoded. Use such a
DataFrame for one query, in which it occurs once. Spark (4.1 to 4.3) keeps one plan for reading a DataFrame of a source written
in Python: conditions of one query, or of one side of a join, would also hold for the others. That is why it is not the default.
``spark.sql.python.filterPushdown.enabled`` has to be ``true``, which ``register`` sets.

Spark starts Python on its workers with the program that ``PYSPARK_PYTHON`` names. Without it, it takes the ``python3`` of
the PATH, and if that one does not have this package, workers fail with "No module named 'snapscope'" or just crash. So set
``PYSPARK_PYTHON`` to ``sys.executable`` before the session starts.
"""

from __future__ import annotations

import datetime
from typing import Any, Iterable, Iterator, List, Optional, Sequence

import pyarrow as pa
from pyspark.sql import datasource as source
from pyspark.sql.datasource import DataSource, DataSourceReader, Filter, InputPartition
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DoubleType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

import snapscope

__all__ = ["SnapscopeDataSource", "register"]

# Columns about a file, before the common columns of all tables.
_FILE = [pa.field("file", pa.string()), pa.field("date", pa.string()), pa.field("damaged", pa.bool_())]
_COMMON = ["cluster", "datacenter", "snapshot", "taken", "raft_index"]
# Columns with one value for all rows of a file.
_OF_FILE = [field.name for field in _FILE] + _COMMON
# The table of files, and its columns after the common ones.
_FILES = "snapshots"
_OF_FILES = [pa.field("records", pa.int64()), pa.field("damage", pa.list_(pa.string()))]


def register(spark: Any) -> None:
    """Registers the format in a session, and lets Spark pass conditions to DataFrames with the option ``pushdown``."""
    spark.conf.set("spark.sql.python.filterPushdown.enabled", "true")
    spark.dataSource.register(SnapscopeDataSource)


class SnapscopeDataSource(DataSource):
    """Consul snapshots as tables. The module describes the options."""

    @classmethod
    def name(cls) -> str:
        """The name of the format."""
        return "snapscope"

    def schema(self) -> StructType:
        """The columns, which are known without reading a file."""
        return StructType([StructField(f.name, _spark_type(f.type), True) for f in self._fields()])

    def reader(self, schema: StructType) -> DataSourceReader:
        """Reads snapshots; Spark sends a copy to each worker."""
        path = self.options.get("path")
        if not path:
            raise ValueError("no snapshots given; usage: load(FILE, FOLDER, PATTERN or URL)")
        damaged = self.options.get("damaged", "keep")
        if damaged not in ("keep", "fail"):
            raise ValueError(f'option damaged: unexpected "{damaged}"; expected keep or fail')
        # A reader without `pushFilters` is never asked to take conditions.
        reader = _Selecting if self._is_set("pushdown") else _Reader
        fields = self._fields_of(schema)
        return reader(path, self._table(), fields, damaged == "fail", self._is_set("show_secrets"))

    def _is_set(self, option: str) -> bool:
        return str(self.options.get(option, "false")).lower() == "true"

    def _table(self) -> str:
        table = self.options.get("table")
        if not table:
            raise ValueError('no table given; usage: option("table", "tokens")')
        return table

    def _known(self) -> List[pa.Field]:
        """All columns of the table."""
        table = self._table()
        own = _OF_FILES if table == _FILES else list(pa.schema(snapscope.schema(table)))[len(_COMMON):]
        return _FILE + list(pa.schema(snapscope.schema("kv")))[: len(_COMMON)] + own

    def _fields(self) -> List[pa.Field]:
        """The columns that the option chooses."""
        columns = self.options.get("columns")
        return self._named([name.strip() for name in columns.split(",")]) if columns else self._known()

    def _named(self, names: List[str]) -> List[pa.Field]:
        known = {field.name: field for field in self._known()}
        for name in names:
            if name not in known:
                raise ValueError(f'table "{self._table()}" has no column "{name}"; columns: {", ".join(known)}')
        return [known[name] for name in names]

    def _fields_of(self, schema: StructType) -> List[pa.Field]:
        """The columns of a schema, which may be the reader's own, with some of the columns."""
        fields = self._named(schema.names)
        for field, known in zip(schema.fields, fields):
            if field.dataType != _spark_type(known.type):
                expected = _spark_type(known.type).simpleString()
                raise ValueError(f'column "{known.name}" is {expected}, not {field.dataType.simpleString()}')
        return fields


class _Reader(DataSourceReader):
    """Reads snapshots. It holds only names, so that Spark can send it to workers."""

    def __init__(self, path: str, table: str, fields: List[pa.Field], fails: bool, secrets: bool):
        self._path = path
        self._table = table
        self._fields = fields
        self._fails = fails
        self._secrets = secrets
        # Conditions that are decided for a whole file, and those that select rows by their IDs.
        self._of_files: List[Filter] = []
        self._of_ids: List[Filter] = []

    def partitions(self) -> Sequence[InputPartition]:
        """A partition for each snapshot, except for those that conditions on their names exclude."""
        names = snapscope.find(self._path)
        of_names = [condition for condition in self._of_files if _column(condition) == "file"]
        return [_Named(name) for name in names if all(_holds(c, name) for c in of_names)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """The rows of a snapshot."""
        about = self._opened(partition.name)
        if not all(_holds(condition, about[_column(condition)]) for condition in self._of_files):
            return
        if self._table == _FILES:
            yield self._with_constants(about, {}, 1)
        elif about.snapshot is not None:
            yield from self._rows(about.snapshot, about)

    def _opened(self, name: str) -> _About:
        try:
            # Spark runs as many tasks as there are cores.
            snapshot = snapscope.open(name, show_secrets=self._secrets, strict=self._fails, jobs=1)
        except snapscope.DamagedError as error:
            if self._fails:
                raise
            return _About(name, None, str(error))
        about = _About(name, snapshot)
        if self._fails and about["damage"]:
            raise snapscope.DamagedError(f"{name}: {about['damage'][0]}")
        return about

    def _rows(self, snapshot: snapscope.Snapshot, about: _About) -> Iterator[pa.RecordBatch]:
        table = snapshot[self._table]
        for condition in self._of_ids:
            if isinstance(condition, source.StringStartsWith):
                table = table.prefix(condition.value)
            elif isinstance(condition, source.In):
                table = table.ids([value for value in condition.value if value is not None])
            else:
                table = table.ids([condition.value])
        own = [field.name for field in self._fields if field.name not in _OF_FILE]
        for batch in pa.RecordBatchReader.from_stream(table.select(own)):
            columns = dict(zip(own, batch.columns))
            yield self._with_constants(about, columns, batch.num_rows)

    def _with_constants(self, about: _About, columns: dict, rows: int) -> pa.RecordBatch:
        def array(field: pa.Field) -> pa.Array:
            known = columns.get(field.name)
            return pa.repeat(pa.scalar(about[field.name], field.type), rows) if known is None else known

        arrays = [array(field) for field in self._fields]
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(self._fields))


class _Selecting(_Reader):
    """Takes conditions from Spark."""

    def pushFilters(self, filters: List[Filter]) -> Iterable[Filter]:
        """Keeps the conditions that are evaluated here, and returns those that Spark has to evaluate."""
        known = None if self._table == _FILES else snapscope.schema(self._table).id
        for condition in filters:
            column = _column(condition)
            if column in _OF_FILE and _is_known(condition):
                self._of_files.append(condition)
                continue
            selects = (source.EqualTo, source.In, source.StringStartsWith)
            if column is not None and column == known and isinstance(condition, selects):
                self._of_ids.append(condition)
            # Further rows may be returned, so Spark evaluates the conditions again.
            yield condition


class _About:
    """The values that are the same in all rows of a file. The file is read for those that are needed."""

    def __init__(self, name: str, snapshot: Optional[snapscope.Snapshot], error: str = ""):
        self.name = name
        # None if the file is something else than a snapshot, as the error says.
        self.snapshot = snapshot
        self._error = error

    def __getitem__(self, column: str) -> Any:
        if column == "file":
            return self.name
        if self.snapshot is None:
            return {"date": "unknown", "damaged": True, "records": 0, "damage": [self._error]}.get(column)
        if column == "damage":
            return self.snapshot.damage
        if column == "damaged":
            return bool(self.snapshot.damage)
        if column == "records":
            return self.snapshot.records
        taken = self.snapshot.identity["taken"]
        if column == "date":
            return "unknown" if taken is None else taken.date().isoformat()
        return self.snapshot.identity[column]


class _Named(InputPartition):
    """A snapshot by its name."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name


def _spark_type(arrow: pa.DataType) -> DataType:
    if pa.types.is_list(arrow):
        return ArrayType(_spark_type(arrow.value_type))
    if pa.types.is_map(arrow):
        return MapType(_spark_type(arrow.key_type), _spark_type(arrow.item_type))
    if pa.types.is_timestamp(arrow):
        return TimestampType()
    plain = {
        pa.string(): StringType(),
        pa.binary(): BinaryType(),
        pa.int64(): LongType(),
        pa.float64(): DoubleType(),
        pa.bool_(): BooleanType(),
    }
    return plain[arrow]


def _column(condition: Filter) -> Optional[str]:
    """The column that a condition is about, if it is about one."""
    if isinstance(condition, source.Not):
        return _column(condition.child)
    attribute = getattr(condition, "attribute", None)
    return attribute[0] if attribute is not None and len(attribute) == 1 else None


# The result of a condition for a value that is not null.
_DECIDE = {
    source.EqualTo: lambda value, other: value == other,
    source.EqualNullSafe: lambda value, other: value == other,
    source.GreaterThan: lambda value, other: value > other,
    source.GreaterThanOrEqual: lambda value, other: value >= other,
    source.LessThan: lambda value, other: value < other,
    source.LessThanOrEqual: lambda value, other: value <= other,
    source.In: lambda value, others: value in others,
    source.StringStartsWith: lambda value, other: value.startswith(other),
    source.StringEndsWith: lambda value, other: value.endswith(other),
    source.StringContains: lambda value, other: other in value,
}


def _is_known(condition: Filter) -> bool:
    if isinstance(condition, source.Not):
        return _is_known(condition.child)
    return type(condition) in _DECIDE or isinstance(condition, (source.IsNull, source.IsNotNull))


def _holds(condition: Filter, value: Any) -> bool:
    return _decided(condition, value) is True


def _decided(condition: Filter, value: Any) -> Optional[bool]:
    """True, false, or None as SQL's null."""
    if isinstance(condition, source.Not):
        decided = _decided(condition.child, value)
        return None if decided is None else not decided
    if isinstance(condition, source.IsNull):
        return value is None
    if isinstance(condition, source.IsNotNull):
        return value is not None
    other = condition.value
    if isinstance(condition, source.EqualNullSafe) and (value is None or other is None):
        return value is other
    if value is None or other is None:
        return None
    if isinstance(condition, source.In):
        others = [_comparable(one) for one in other if one is not None]
        found = _comparable(value) in others
        return True if found else None if len(others) < len(other) else False
    return _DECIDE[type(condition)](_comparable(value), _comparable(other))


def _comparable(value: Any) -> Any:
    """Converts a time without a zone, which Spark passes in the local time zone."""
    return value.astimezone(datetime.timezone.utc) if isinstance(value, datetime.datetime) else value
