"""The master problem: share every order out over its methods, within the limits.

    minimise  Σ cents[m] · z[m]   subject to   Σ_{m of o} z[m] = 1,   Σ takes[m, r] · z[m] ≤ free[r]

As a linear program it is solved by PDLP, whose duals price the limits; as an integer program, over
few orders, by SCIP. Limits that no choice of methods can exceed are left out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
)
from ortools.math_opt.core.python import solver
from ortools.math_opt.sparse_containers_pb2 import SparseDoubleVectorProto

from routing.batch.effort import Limits
from routing.batch.pool import Pool
from routing.cost import Ints

Floats = NDArray[np.float64]

LONGEST_S: Final = 600.0
"""A cap on one run of a solver, so that a batch without a time limit ends all the same."""

_LONGEST_CHOICE_S: Final = 20.0
"""The same for the integer program; its nodes are counted, so that this is seldom reached."""

_CENTS: Final = 100.0
"""Costs go to PDLP in whole units of money: its tolerances suit figures around one."""


@dataclass(frozen=True, slots=True)
class Master:
    """Some methods of some orders as rows and columns."""

    methods: Ints
    """Numbers in the pool, ascending."""
    orders: Ints
    """Orders in the sequence of the first rows."""
    limits: Ints
    """Limits in the sequence of the other rows: those that can be exceeded."""
    row: Ints
    column: Ints
    value: Ints
    cents: Ints
    free: Ints
    """What is left of each of `limits`."""


@dataclass(frozen=True, slots=True)
class Shares:
    """A solution of the linear program."""

    shares: Floats
    """By method of the pool; 0 for those left out."""
    prices: Floats
    """By limit, in cents."""
    rents: Floats
    """By order, in cents."""
    cents: float


def state(pool: Pool, methods: Ints, free: Ints) -> Master:
    """State the master problem of some of the pool's methods."""
    order = pool.order[methods]
    orders, order_row = np.unique(order, return_inverse=True)
    entry, column = pool.entries(methods)
    limit, takes = pool.limit[entry], pool.takes[entry]
    limits = _exceedable(limit, takes, order_row[column], len(orders), free)
    kept = np.isin(limit, limits)
    return Master(
        methods=methods,
        orders=orders,
        limits=limits,
        row=np.concatenate([order_row, len(orders) + np.searchsorted(limits, limit[kept])]),
        column=np.concatenate([np.arange(len(methods)), column[kept]]),
        value=np.concatenate([np.ones(len(methods), dtype=np.int64), takes[kept]]),
        cents=pool.cents[methods],
        free=free[limits],
    )


def _exceedable(limit: Ints, takes: Ints, order: Ints, orders: int, free: Ints) -> Ints:
    """Return the limits that are passed when every order takes its most of them."""
    pairs, inverse = np.unique(limit * orders + order, return_inverse=True)
    most = np.zeros(len(pairs), dtype=np.int64)
    np.maximum.at(most, inverse, takes)
    limits, row = np.unique(pairs // orders, return_inverse=True)
    wanted = np.bincount(row, weights=most, minlength=len(limits))
    exceeded: Ints = limits[wanted > free[limits]]
    return exceeded


def relax(
    master: Master,
    pool: Pool,
    *,
    tolerance: float,
    iterations: int,
    warm: Shares | None = None,
    limits: Limits,
) -> Shares:
    """Solve the linear program with PDLP, from an earlier solution if there is one."""
    parameters = parameters_pb2.SolveParametersProto(threads=2)
    criteria = parameters.pdlp.termination_criteria
    criteria.simple_optimality_criteria.eps_optimal_relative = tolerance
    criteria.simple_optimality_criteria.eps_optimal_absolute = 1e-3
    criteria.iteration_limit = iterations
    parameters.pdlp.num_threads = 2
    parameters.time_limit.FromMilliseconds(int(1000 * limits.wall_s(LONGEST_S)))
    hints = model_parameters_pb2.ModelSolveParametersProto()
    if warm is not None:
        hint = hints.solution_hints.add()
        _fill(hint.variable_values, _padded(warm.shares, len(pool))[master.methods])
        _fill(
            hint.dual_values,
            np.concatenate([warm.rents[master.orders], -warm.prices[master.limits]]) / _CENTS,
        )
    result = _solve(
        master, parameters_pb2.SOLVER_TYPE_PDLP, parameters, hints, limits, integer=False
    )
    shares, prices = np.zeros(len(pool)), np.zeros(len(pool.layout.goods.limits))
    rents = np.zeros(pool.layout.orders)
    if not result.solutions:  # interrupted before its first step
        return warm or Shares(shares, prices, rents, cents=0.0)
    solution = result.solutions[0]
    values = _dense(solution.primal_solution.variable_values, len(master.methods))
    duals = _dense(solution.dual_solution.dual_values, len(master.orders) + len(master.limits))
    shares[master.methods] = values
    prices[master.limits] = np.maximum(0.0, -duals[len(master.orders) :]) * _CENTS
    rents[master.orders] = duals[: len(master.orders)] * _CENTS
    return Shares(shares, prices, rents, cents=float(values @ master.cents))


def choose(
    master: Master,
    *,
    now: Ints,
    nodes: int,
    limits: Limits,
    longest_s: float = _LONGEST_CHOICE_S,
) -> Ints | None:
    """Solve the integer program with SCIP; the methods chosen, or None if it found none.

    `now` are methods that are legal together: the search starts from them. `longest_s` is a cap on
    its time, so far off that the count of `nodes` ends it before.
    """
    parameters = parameters_pb2.SolveParametersProto(threads=1, relative_gap_tolerance=1e-5)
    parameters.node_limit = nodes
    parameters.time_limit.FromMilliseconds(int(1000 * limits.wall_s(longest_s)))
    hints = model_parameters_pb2.ModelSolveParametersProto()
    _fill(
        hints.solution_hints.add().variable_values, np.isin(master.methods, now).astype(np.float64)
    )
    result = _solve(
        master, parameters_pb2.SOLVER_TYPE_GSCIP, parameters, hints, limits, integer=True
    )
    if not result.solutions:
        return None
    values = _dense(result.solutions[0].primal_solution.variable_values, len(master.methods))
    return master.methods[values > 0.5]


def _solve(
    master: Master,
    engine: int,
    parameters: parameters_pb2.SolveParametersProto,
    hints: model_parameters_pb2.ModelSolveParametersProto,
    limits: Limits,
    *,
    integer: bool,
) -> result_pb2.SolveResultProto:
    scale = 1.0 if integer else 1 / _CENTS
    columns, orders, bounded = len(master.methods), len(master.orders), len(master.limits)
    model = model_pb2.ModelProto()
    model.variables.ids.extend(range(columns))
    model.variables.lower_bounds.extend([0.0] * columns)
    model.variables.upper_bounds.extend([1.0] * columns)
    model.variables.integers.extend([integer] * columns)
    _fill(model.objective.linear_coefficients, master.cents.astype(np.float64) * scale, dense=False)
    rows = model.linear_constraints
    rows.ids.extend(range(orders + bounded))
    rows.lower_bounds.extend([1.0] * orders + [-np.inf] * bounded)
    rows.upper_bounds.extend([1.0] * orders + master.free.astype(float).tolist())
    sequence = np.lexsort((master.column, master.row))
    matrix = model.linear_constraint_matrix
    matrix.row_ids.extend(master.row[sequence].tolist())
    matrix.column_ids.extend(master.column[sequence].tolist())
    matrix.coefficients.extend(master.value[sequence].astype(float).tolist())
    return solver.solve(
        model,
        engine,
        parameters_pb2.SolverInitializerProto(),
        parameters,
        hints,
        None,
        callback_pb2.CallbackRegistrationProto(),
        None,
        # SCIP's event handler cannot be interrupted from outside; its runs are short.
        None if integer else limits.interrupter.pybind_interrupter,
    )


def _fill(target: SparseDoubleVectorProto, values: Floats, *, dense: bool = True) -> None:
    at = np.arange(len(values)) if dense else np.flatnonzero(values)
    target.ids.extend(at.tolist())
    target.values.extend(values[at].tolist())


def _dense(source: SparseDoubleVectorProto, size: int) -> Floats:
    values = np.zeros(size)
    values[np.array(source.ids, dtype=np.int64)] = source.values
    return values


def _padded(values: Floats, size: int) -> Floats:
    return np.pad(values, (0, size - len(values)))
