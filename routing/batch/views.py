"""Let every order of a layout see only the few locations that are likely to serve it.

Pricing costs as much as locations are seen. What an order sees is chosen at given prices among all
locations, and widened when prices have moved; the bound is proven on the whole layout alone.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from routing.batch.layout import Block, Layout
from routing.batch.pricing import NEVER, SCALE, Cells, Prices, in_pieces
from routing.cost import Ints


def narrowed(layout: Layout, prices: Prices, most: int, *, besides: Layout | None = None) -> Layout:
    """Return a layout in which each order sees about so many locations.

    They are those that serve it best at these prices, and those that it sees in `besides`.
    """
    blocks = []
    for number, block in enumerate(layout.blocks):
        if block.supplies is not None:  # few columns lead to a store as it is
            blocks.append(block)
            continue
        seen = _best_places(layout, block, prices, most)
        earlier = besides.blocks[number].at if besides is not None else None
        if earlier is not None:
            seen = np.concatenate([seen, earlier], axis=1)
        blocks.append(_seeing(block, np.sort(seen, axis=1)))
    return replace(layout, blocks=tuple(blocks))


def _best_places(layout: Layout, block: Block, prices: Prices, most: int) -> Ints:
    cells = Cells(layout, block, prices)
    every = np.arange(len(block.orders))
    found = in_pieces(block, len(every), lambda some: _best_of(cells, every[some], most))
    return np.concatenate(found)


def _best_of(cells: Cells, places: Ints, most: int) -> Ints:
    """Return where most is saved, and the cheapest locations of each line alone.

    A package saves the unfilled price of its lines less its cost.
    """
    block = cells.block
    worth = block.unfilled[places] @ block.sets.bits.T * SCALE
    saved = np.full((len(places), block.able.shape[1]), -NEVER)
    alone = []
    for number, total in cells.totals(places):
        np.maximum(saved, worth[:, number, None] - total, out=saved)
        if number & (number - 1) == 0:
            alone.append(_least(total, max(1, most // (2 * block.lines))))
    return np.concatenate([_least(-saved, most // 2), *alone], axis=1)


def _least(figures: NDArray[np.integer], most: int) -> Ints:
    """Return the columns of the least figures of each row, in no sequence."""
    if most >= figures.shape[1]:
        return np.broadcast_to(np.arange(figures.shape[1]), figures.shape)
    columns: Ints = np.argpartition(figures, most, axis=1)[:, :most]
    return columns


def _seeing(block: Block, at: Ints) -> Block:
    """Return a block whose orders see only these locations each; repeated ones count once."""
    able = np.take_along_axis(block.able, at, axis=1)
    able[:, 1:][at[:, 1:] == at[:, :-1]] = 0
    zone = np.take_along_axis(block.zone, at, axis=1)
    return replace(block, able=able, zone=zone, at=at.astype(np.int32))
