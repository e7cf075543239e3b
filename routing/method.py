"""The ways in which the orders of a problem may be decided."""

from enum import StrEnum


class Method(StrEnum):
    """How the orders of a problem are decided."""

    EXACT = "exact"
    """Each at its least cost. For a problem of one order this is the optimum."""
    FIFO_EXACT = "fifo-exact"
    """The same, by the name it has in comparisons of several orders."""
    PRIORITY = "priority"
    NEAREST = "nearest"
    FEWEST_SPLITS = "fewest-splits"
    JOINT = "joint"
    """All together, with a proven bound; see `routing.batch.solve`."""
