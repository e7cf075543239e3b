"""Draw a sheet in the format that was asked for."""

from carriers.base import LabelFormat
from carriers.labels.sheet import Sheet


def draw(sheet: Sheet, label: LabelFormat) -> bytes:
    """The sheet's bytes, ready for the printer. Raises `Refused` for an unprintable barcode."""
    # Loaded with the first label: what draws takes a third of a second, each start of a worker.
    from carriers.labels.pdf import shipping_label_pdf
    from carriers.labels.zpl import shipping_label_zpl

    match label:
        case LabelFormat.PDF:
            return shipping_label_pdf(sheet)
        case LabelFormat.ZPL:
            return shipping_label_zpl(sheet)
