"""`oms up`: the whole stack on one machine, from one folder, until Ctrl-C."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from api.stack import plan, postgres, temporal
from api.stack.children import Part, Step
from api.stack.console import Console
from api.stack.errors import StackError
from api.stack.folders import Folders, make_folders, rotate_logs
from api.stack.locks import end_leftovers, sole_owner
from api.stack.options import UpOptions
from api.stack.plan import Plan
from api.stack.ports import check_free
from api.stack.postgres_cluster import open_cluster
from api.stack.supervisor import Stopped, Supervisor

Phases = Callable[[Plan], Sequence[Sequence[Part | Step]]]

STOP_SIGNALS = {postgres.NAME: postgres.STOP_SIGNAL}
CALLED_OFF = 130  # what a shell reports for a program that Ctrl-C ended


def up(options: UpOptions, *, phases: Phases = plan.phases) -> int:
    """Start everything, keep it up, end it; returns the process's exit code.

    `phases` says what runs. Must be called in the main thread: it handles signals, and the
    children end with the thread that started them.
    """
    console = Console()
    try:
        _check_platform(options)
        folders = make_folders(options.data_dir)
        with sole_owner(folders):
            return _run(options, folders, console, phases)
    except StackError as error:
        console.refuse(error)
        return 1


def _run(options: UpOptions, folders: Folders, console: Console, phases: Phases) -> int:
    began = time.monotonic()
    console.say(f"Tributary starts in {folders.root}")
    supervisor = Supervisor(folders, console)
    with supervisor.signals(), _nothing_left(folders):
        for name in end_leftovers(folders, stop_signals=STOP_SIGNALS):
            console.say(f"  ended {name}, which an earlier run had left behind")
        check_free(options.ports)
        rotate_logs(folders)
        chosen = _choose(options, folders, console)
        try:
            for phase in phases(chosen):
                supervisor.start(phase)
            _welcome(chosen, console, seconds=time.monotonic() - began)
            supervisor.run()
        except Stopped:
            return CALLED_OFF
        except StackError as error:
            console.refuse(error)  # before the stop, which may take a while
            return 1
        finally:
            _stop(supervisor, console)
            if chosen.postgres:
                postgres.forget_socket(chosen.postgres)
    return 0


def _choose(options: UpOptions, folders: Folders, console: Console) -> Plan:
    """Decide what is embedded; makes the database when it is new."""
    database = None
    if options.database_url is None:
        began = time.monotonic()
        known = (folders.root / "postgres" / "data").exists()
        database = postgres.Server(open_cluster(folders), options.postgres_port)
        if not known:
            console.ready("new database", seconds=time.monotonic() - began)
    engine = None
    if options.temporal_address is None:
        engine = temporal.Server(folders, options.temporal_port, options.temporal_ui_port)
    return Plan(options, folders, database, engine)


def _welcome(chosen: Plan, console: Console, *, seconds: float) -> None:
    console.say()
    console.addresses(plan.addresses(chosen))
    if chosen.options.demo:
        with suppress(FileNotFoundError):
            console.say()
            console.say(chosen.credentials.read_text().rstrip())
    console.say()
    console.say(f"Ready after {seconds:.1f} s. Ctrl-C ends everything.")


def _stop(supervisor: Supervisor, console: Console) -> None:
    began = time.monotonic()
    console.say("Stopping; Ctrl-C again ends it at once.")
    supervisor.stop()
    console.say(f"Stopped after {time.monotonic() - began:.1f} s.")


@contextmanager
def _nothing_left(folders: Folders) -> Iterator[None]:
    """See at the end that no child's child is left, as after a hard stop of PostgreSQL."""
    try:
        yield
    finally:
        end_leftovers(folders, stop_signals=STOP_SIGNALS)


def _check_platform(options: UpOptions) -> None:
    if sys.platform != "linux":
        raise StackError(
            "oms up needs Linux: it leans on the kernel to leave no process behind",
            remedy="start PostgreSQL and Temporal yourself, set DATABASE_URL and"
            f" TEMPORAL_ADDRESS, then run oms migrate, oms temporal-setup,"
            f" oms api --port {options.port} and oms worker",
        )
