"""Find what a file names twice, in little memory: 16 bytes a row, however long the names are.

Names are compared by a 64-bit hash with a key of the process's own. Among a million names the
chance that any two different ones are taken for the same is below one in ten million.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


class Doubles:
    """What a file has named so far, and on which line."""

    def __init__(self) -> None:
        self._names: npt.NDArray[np.int64] = np.empty(0, np.int64)  # sorted
        self._lines: npt.NDArray[np.int64] = np.empty(0, np.int64)

    def note(self, names: Sequence[str], lines: Sequence[int]) -> dict[int, int]:
        """Add names; return the positions of those that came before, and on which line."""
        given = np.fromiter(map(hash, names), np.int64, len(names))
        order = np.argsort(given, kind="stable")
        found = given[order]
        told = np.asarray(lines, np.int64)
        doubled: dict[int, int] = {}
        same = np.flatnonzero(found[1:] == found[:-1])
        for at in same:
            first = np.searchsorted(found, found[at + 1])
            doubled[int(order[at + 1])] = int(told[order[first]])
        places = np.searchsorted(self._names, found)
        if len(self._names):
            inside = np.minimum(places, len(self._names) - 1)
            for at in np.flatnonzero(self._names[inside] == found):
                doubled[int(order[at])] = int(self._lines[inside[at]])
        fresh = np.array([at not in doubled for at in order], bool) if doubled else slice(None)
        self._names = np.insert(self._names, places[fresh], found[fresh])
        self._lines = np.insert(self._lines, places[fresh], told[order][fresh])
        return doubled
