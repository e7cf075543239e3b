"""One import of one file, what was wrong with its rows, and the file if it was uploaded."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, PrimaryKeyConstraint, text
from sqlmodel import Field, SQLModel

from oms.columns import UTC_TIME, text_enum
from oms.ids import new_id


class ImportKind(StrEnum):
    """What the rows of a file are."""

    PRODUCTS = "products"
    LOCATIONS = "locations"
    STOCK = "stock"
    LISTINGS = "listings"
    PRICES = "prices"
    ORDERS = "orders"
    BINS = "bins"
    BOXES = "boxes"


class ImportStatus(StrEnum):
    """How far an import is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"


class Import(SQLModel, table=True):
    """One import. A file is known by the SHA-256 of its bytes, whatever it is called."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("rows_done >= 0 AND size_bytes >= 0", name="counts_not_negative"),
        CheckConstraint("(status = 'refused') = (problem IS NOT NULL)", name="refused_has_problem"),
        Index(
            "uq_imports_file",
            "kind",
            "digest",
            "round",
            unique=True,
            postgresql_where=text("NOT dry_run"),
        ),
        Index("ix_imports_newest", "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    kind: ImportKind = Field(sa_type=text_enum(ImportKind))
    digest: str = Field(max_length=64)
    round: int = 1
    """Counts the times that somebody asked for the same file to be imported *again*."""
    file_name: str = Field(max_length=200)
    size_bytes: int = Field(sa_type=BigInteger)
    atomic: bool = False
    dry_run: bool = False
    status: ImportStatus = Field(
        default=ImportStatus.WAITING, sa_type=text_enum(ImportStatus), index=False
    )
    rows_total: int = 0
    """As the file's line breaks say; a line break inside quotes counts too."""
    rows_done: int = 0
    """Rows that are settled, good or wrong. An interrupted import carries on behind them."""
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    wrong: int = 0
    problem: str | None = None
    """Why nothing more was taken from the file."""
    actor: str
    created_at: datetime = Field(sa_type=UTC_TIME)
    started_at: datetime | None = Field(default=None, sa_type=UTC_TIME)
    finished_at: datetime | None = Field(default=None, sa_type=UTC_TIME)


class ImportFault(SQLModel, table=True):
    """Something wrong in one row of an imported file."""

    __tablename__ = "import_faults"
    __table_args__ = (PrimaryKeyConstraint("import_id", "number"),)

    import_id: UUID = Field(foreign_key="imports.id", ondelete="CASCADE")
    number: int
    """Counts the faults of an import."""
    line: int
    """CSV: the line on which the row begins, the header being line 1. Parquet: the row, from 1."""
    column: str
    value: str
    reason: str
    remedy: str


class ImportPart(SQLModel, table=True):
    """A piece of an uploaded file, kept until the file has been imported."""

    __tablename__ = "import_parts"
    __table_args__ = (PrimaryKeyConstraint("import_id", "number"),)

    import_id: UUID = Field(foreign_key="imports.id", ondelete="CASCADE")
    number: int
    content: bytes
