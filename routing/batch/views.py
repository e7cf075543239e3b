"""Let every order of a layout see only the few locations that are likely to serve it.

Pricing costs as much as locations are seen. What an order sees is chosen at given prices among all
its columns, and widened when prices have moved; the bound is proven on the whole layout alone.
"""

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from routing.batch.blocks import Block, Layout
from routing.batch.pricing import NEVER, SCALE, Cells, Prices, at_once, chunks
from routing.cost import Ints


def narrowed(layout: Layout, prices: Prices, most: int, *, besides: Layout | None = None) -> Layout:
    """Return a layout in which each order sees about so many locations.

    They are those that serve it best at these prices, and those that it sees in `besides`.
    """
    blocks = []
    for number, block in enumerate(layout.blocks):
        if block.at.shape[1] <= most or block.supplies is not None:  # few lanes lead to a store
            blocks.append(block)
            continue
        seen = np.zeros(block.at.shape, dtype=np.bool_)
        np.put_along_axis(seen, _best_columns(block, prices, most), values=True, axis=1)
        if besides is not None and besides.blocks[number] is not block:
            seen |= _is_seen(block, besides.blocks[number])
        blocks.append(_seeing(block, seen & (block.able > 0)))
    return replace(layout, blocks=tuple(blocks))


def _best_columns(block: Block, prices: Prices, most: int) -> Ints:
    cells = Cells(block, prices)
    every = np.arange(len(block.orders))
    pieces = chunks(block, len(every))
    return np.concatenate(at_once([partial(_best_of, cells, every[some], most) for some in pieces]))


def _best_of(cells: Cells, places: Ints, most: int) -> Ints:
    """Return where most is saved, and the cheapest columns of each line alone.

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
    columns: Ints = np.argpartition(figures, most, axis=1)[:, :most]
    return columns


def _is_seen(block: Block, view: Block) -> NDArray[np.bool_]:
    """Return which columns of a block stand for locations that its orders see in a view."""
    rows = np.arange(len(block.at))[:, None] * (int(block.at.max()) + 1)
    return np.isin(rows + block.at, (rows + view.at)[view.able > 0])


def _seeing(block: Block, seen: NDArray[np.bool_]) -> Block:
    """Return a block whose orders have only these columns."""
    width = max(1, int(seen.sum(axis=1).max()))
    columns = np.argsort(~seen, axis=1, kind="stable")[:, :width]
    able = np.where(seen, block.able, np.uint8(0))
    return replace(
        block,
        able=np.take_along_axis(able, columns, axis=1),
        zone=np.take_along_axis(block.zone, columns, axis=1),
        at=np.take_along_axis(block.at, columns, axis=1),
    )
