"""Types of the compiled module."""

import os
from typing import Any, Iterator, Optional, Sequence, Union

__version__: str

class SnapscopeError(Exception):
    """Base class of this package's errors."""

    offset: Optional[int]
    """The byte at which reading failed, in the file or in state.bin as the message says."""

class DamagedError(SnapscopeError):
    """The file is not a snapshot, or it is damaged and was opened with ``strict=True``."""

class QueryError(SnapscopeError):
    """A query or a filter is not valid."""

class Table:
    """A table of a snapshot, or a part of it. Each stream reads the snapshot again."""

    @property
    def name(self) -> str:
        """Its name."""
    @property
    def about(self) -> str:
        """Its content, in one line."""
    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
    def select(self, columns: Union[str, Sequence[str]]) -> Table:
        """Returns the table with these columns only, in this order; one column needs no list. Other columns are not decoded."""
    def with_snapshot(self) -> Table:
        """Returns the table with the columns that say which snapshot of which cluster it is in front."""
    def filter(self, expression: str) -> Table:
        """Returns the rows for which an expression of Consul's filter language holds."""
    def ids(self, ids: Union[str, Sequence[str]]) -> Table:
        """Returns the rows whose ID, the first column, is one of these; one ID needs no list."""
    def prefix(self, prefix: str) -> Table:
        """Returns the rows whose ID, the first column, starts with a text."""
    def count(self) -> int:
        """Returns the number of rows. No column is decoded."""
    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        """Arrow's interface: a stream of the rows, as a capsule."""
    def __arrow_c_schema__(self) -> object:
        """Arrow's interface: the schema, as a capsule."""

class TableSchema:
    """The schema of a table without any snapshot."""

    @property
    def id(self) -> Optional[str]:
        """The name of the column that contains IDs."""
    def __arrow_c_schema__(self) -> object:
        """Arrow's interface: the schema, as a capsule."""

class Query:
    """The result of a query. The type of a column follows from its first values."""

    @property
    def columns(self) -> list[str]:
        """The names of its columns."""
    def __arrow_c_stream__(self, requested_schema: Optional[object] = None) -> object:
        """Arrow's interface: a stream of the rows, as a capsule."""
    def __arrow_c_schema__(self) -> object:
        """Arrow's interface: the schema, as a capsule."""

class Snapshot:
    """A snapshot: ``snapshot["tokens"]`` is a table."""

    @property
    def name(self) -> str:
        """Its name: a path or a URL."""
    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
    def __contains__(self, name: str) -> bool:
        """Whether there is a table of this name."""
    def __iter__(self) -> Iterator[str]:
        """The names of its tables."""
    def __len__(self) -> int:
        """Number of tables."""
    @property
    def damage(self) -> list[str]:
        """What is damaged, in sentences; empty without damage. The first call reads all objects."""
    @property
    def records(self) -> int:
        """Number of records that can be read."""
    @property
    def identity(self) -> dict[str, Any]:
        """Which snapshot of which cluster it is: cluster, datacenter, snapshot, taken and raft_index."""
    def inspect(self, *, kv_depth: Optional[int] = None, kv_prefix: str = "") -> dict[str, Any]:
        """Returns records and bytes by type, as ``snapscope inspect --format json`` prints them."""
    def audit(self, *, min_severity: str = "info") -> dict[str, Any]:
        """Returns what is wrong in the snapshot, as ``snapscope audit -o json`` prints it."""
    def can(
        self, token: str, resource: str, access: str, segment: str = "", *, default_policy: Optional[str] = None
    ) -> dict[str, Any]:
        """Returns whether a token can do something, and which rule decides; ``["Allow"]`` is the answer."""
    def __getitem__(self, name: str, /) -> Table:
        """Returns a table."""
    def sql(self, query: str, /) -> Query:
        """Answers a query, in SQL as SQLite has it."""

def open(
    place: str | os.PathLike[str],
    /,
    *,
    show_secrets: bool = False,
    strict: bool = False,
    jobs: Optional[int] = None,
) -> Snapshot:
    """Opens a snapshot: a file, a folder, or the URL of an object in a bucket."""

def diff(
    before: Snapshot,
    after: Snapshot,
    /,
    *,
    types: Optional[Sequence[str]] = None,
    prefix: Optional[str] = None,
    with_touched: bool = False,
) -> dict[str, Any]:
    """Returns what changed between two snapshots, as ``snapscope diff -o json`` prints it."""

def history(
    type: str, id: str, /, *places: str | os.PathLike[str], prefix: bool = False, show_secrets: bool = False
) -> dict[str, Any]:
    """Returns how an object changed over snapshots, as ``snapscope history -o json`` prints it."""

def find(place: str | os.PathLike[str], /) -> list[str]:
    """Returns the names of the snapshots that a place holds: a file, a folder, a pattern, a URL."""

def schema(table: str, /) -> TableSchema:
    """Returns the schema of a table with the common columns in front. No snapshot is read."""

def sql(query: str, /, *snapshots: Snapshot) -> Query:
    """Answers a query about several snapshots, whose tables then start with a column ``snapshot``."""
