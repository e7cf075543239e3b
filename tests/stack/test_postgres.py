"""PostgreSQL under our own supervision: durable, closed to others, never confused by a pid."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from api.stack import children, postgres_install
from api.stack.accounts import Account
from api.stack.errors import StackError
from api.stack.folders import make_folders
from api.stack.locks import holders
from api.stack.ports import LOOPBACK, free_port
from api.stack.postgres import Server, running_postgres
from api.stack.postgres_cluster import ENVIRONMENT, open_cluster, works_in
from api.stack.postgres_settings import tuned
from tests.stack.helpers import (
    PROJECT,
    eventually,
    ordinary_account,
    python_for,
    runs,
    spawn_as,
)

GB = 1 << 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_postgres(tmp_path_factory.mktemp("postgres")) as (server, _):
        yield server


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped, empty database: a folder to copy, which is quicker than making one."""
    data_dir = tmp_path_factory.mktemp("template")
    with running_postgres(data_dir):
        pass
    return data_dir


@pytest.fixture
def data_dir(template: Path, tmp_path: Path) -> Path:
    """A data folder with a stopped, empty database."""
    copy = tmp_path / "data"
    subprocess.run(["cp", "-a", str(template), str(copy)], check=True)
    return copy


def asked(server: Server, query: str) -> tuple[object, ...]:
    """The first row of an answer."""
    with psycopg.connect(server.url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def write_pid(data_dir: Path, pid: int) -> Path:
    """Make the pid file of a server that was killed, with this pid in it."""
    data = data_dir / "postgres" / "data"
    file = data / "postmaster.pid"
    file.write_text(f"{pid}\n{data}\n1700000000\n5432\n/tmp\nlocalhost\n  1 1\nready   \n")
    os.chown(file, data.stat().st_uid, data.stat().st_gid)
    return file


def by_hand(data_dir: Path) -> subprocess.Popen[bytes]:
    """A PostgreSQL on the folder that no lock of ours knows of."""
    cluster = open_cluster(make_folders(data_dir))
    program = postgres_install.programs(cluster.account) / "postgres"
    settings = ["-c", f"port={free_port()}", "-c", "unix_socket_directories="]
    return subprocess.Popen(
        children.launch_argv(
            (str(program), "-D", cluster.data_argument, *settings),
            death_signal=signal.SIGINT,
            account=cluster.account,
        ),
        cwd=cluster.data,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_the_application_gets_a_database_of_its_own_without_being_superuser(
    server: Server,
) -> None:
    assert asked(
        server,
        "SELECT current_user::text, current_database()::text, rolsuper, rolcreatedb"
        " FROM pg_roles WHERE rolname = current_user",
    ) == ("oms", "oms", False, True)


def test_text_sorts_and_folds_alike_on_every_machine(server: Server) -> None:
    assert asked(
        server,
        "SELECT pg_encoding_to_char(encoding)::text, datlocprovider::text, datlocale"
        " FROM pg_database WHERE datname = 'oms'",
    ) == ("UTF8", "b", "C.UTF-8")


def test_nothing_acknowledged_can_be_lost(server: Server) -> None:
    names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    query = ", ".join(f"current_setting('{name}')" for name in names)
    assert asked(server, f"SELECT {query}") == ("on", "on", "on", "on")


@pytest.mark.parametrize("host", ["tcp", "socket"])
@pytest.mark.parametrize("password", ["", "guess"])
def test_nobody_signs_in_without_the_password(server: Server, host: str, password: str) -> None:
    address = LOOPBACK if host == "tcp" else str(server.socket_folder)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host=address, port=server.port, user="oms", password=password, passfile="/dev/null"
        )


def test_the_passwords_and_the_data_are_their_owners_alone(server: Server) -> None:
    cluster = server.cluster
    paths = (cluster.passfile, cluster.home, cluster.data, server.socket_folder)
    assert [oct(path.stat().st_mode & 0o777) for path in paths] == [
        "0o600",
        "0o700",
        "0o700",
        "0o700",
    ]


def test_the_address_and_the_command_line_hold_no_password(data_dir: Path) -> None:
    with running_postgres(data_dir) as (server, child):
        secret = server.cluster.password("oms")
        assert len(secret) == 32
        assert secret not in server.url
        assert secret not in Path(f"/proc/{child.pid}/cmdline").read_text()


def test_what_was_committed_is_there_after_the_server_was_killed(data_dir: Path) -> None:
    with running_postgres(data_dir) as (server, child):
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE orders AS SELECT 42 AS number")
        os.kill(child.pid, signal.SIGKILL)
    with running_postgres(data_dir) as (server, _):
        assert asked(server, "SELECT number FROM orders") == (42,)


def test_a_pid_file_that_now_names_an_unrelated_process_is_seen_through(data_dir: Path) -> None:
    owner = (data_dir / "postgres" / "data").stat()
    account = Account(uid=owner.st_uid, gid=owner.st_gid) if os.geteuid() == 0 else None
    # PostgreSQL believes a pid of its own account, so the other process has to have it too.
    unrelated = spawn_as(account, ["/bin/sleep", "600"])
    try:
        write_pid(data_dir, unrelated.pid)
        with running_postgres(data_dir) as (server, _):
            assert asked(server, "SELECT 1") == (1,)
        assert unrelated.poll() is None
    finally:
        unrelated.kill()
        unrelated.communicate()


def test_a_pid_file_whose_process_is_gone_is_left_to_postgresql(data_dir: Path) -> None:
    gone = subprocess.Popen(["/bin/true"])
    gone.wait()
    write_pid(data_dir, gone.pid)
    with running_postgres(data_dir) as (server, _):
        assert asked(server, "SELECT 1") == (1,)


def test_a_server_that_somebody_started_by_hand_is_named_and_left_alone(data_dir: Path) -> None:
    other = by_hand(data_dir)
    try:
        data = data_dir / "postgres" / "data"
        pid_file = data / "postmaster.pid"
        eventually(lambda: pid_file.exists() and works_in(other.pid, data))
        with pytest.raises(StackError) as refused, running_postgres(data_dir):
            pass
        assert f"(pid {other.pid}) runs on {data}" in refused.value.message
        assert refused.value.remedy == f"stop it first: kill -INT {other.pid}"
        assert other.poll() is None
    finally:
        other.send_signal(signal.SIGINT)
        other.wait()


def test_an_orphaned_server_is_ended_before_a_new_one_starts(data_dir: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path;"
        "from api.stack.postgres import running_postgres\n"
        "with running_postgres(Path(sys.argv[1])) as (server, child):\n"
        "    print(child.pid, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    orphan = int(owner.stdout.readline())
    # Stopped, it cannot follow its owner into death: an orphan as after a lost signal.
    os.kill(orphan, signal.SIGSTOP)
    owner.kill()
    owner.communicate()
    assert runs(orphan)
    with running_postgres(data_dir) as (server, child):
        assert child.pid != orphan
        assert asked(server, "SELECT 1") == (1,)
        assert not runs(orphan)
        assert child.pid in holders(make_folders(data_dir).lock("postgres"))


def test_a_database_of_another_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres" / "data" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StackError) as refused, running_postgres(data_dir):
        pass
    assert "was made by PostgreSQL 17; this Tributary brings PostgreSQL 18" in (
        refused.value.message
    )
    assert "pg_dump" in str(refused.value.remedy)


def test_a_folder_that_is_no_database_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres" / "data" / "PG_VERSION").unlink()
    with (
        pytest.raises(StackError, match="is no PostgreSQL data folder"),
        running_postgres(data_dir),
    ):
        pass


def test_lost_passwords_are_refused_with_the_way_out(data_dir: Path) -> None:
    (data_dir / "pgpass").unlink()
    with pytest.raises(StackError) as refused, running_postgres(data_dir):
        pass
    assert f"{data_dir / 'pgpass'}, which holds the database's passwords" in refused.value.message
    assert not (data_dir / "pgpass").exists()


def test_a_half_made_database_is_made_anew(tmp_path: Path) -> None:
    half = make_folders(tmp_path / "data").root / "postgres" / "new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running_postgres(tmp_path / "data") as (server, _):
        assert asked(server, "SELECT 1") == (1,)
    assert not half.exists()


def test_a_long_path_gets_its_socket_in_a_short_one(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 25)
    with running_postgres(data_dir) as (server, _):
        assert asked(server, "SELECT 1") == (1,)
        folder = server.socket_folder
        assert len(str(folder)) < 60
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not folder.exists()


def test_it_all_works_for_an_ordinary_user() -> None:
    account = ordinary_account()
    interpreter = python_for(account)
    home = Path(tempfile.mkdtemp(prefix="tributary-test-"))
    if account is not None:
        os.chown(home, account.uid, account.gid)
    script = (
        "import os, sys; from pathlib import Path;"
        "import psycopg; from api.stack.postgres import running_postgres\n"
        "with running_postgres(Path(sys.argv[1])) as (server, child):\n"
        "    owner = (server.cluster.data / 'base').stat().st_uid\n"
        "    with psycopg.connect(server.url) as connection:\n"
        "        row = connection.execute('SELECT 6 * 7').fetchone()\n"
        "    print(os.geteuid() == owner != 0, server.cluster.account, *row)"
    )
    packages = str(Path(psycopg.__file__).parents[1])
    try:
        process = spawn_as(
            account,
            [interpreter, "-c", script, str(home / "data")],
            HOME=str(home),
            PYTHONPATH=f"{PROJECT}{os.pathsep}{packages}",
            PYTHONDONTWRITEBYTECODE="1",
        )
        output, _ = process.communicate(timeout=60)
        assert output == "True None 42\n"
    finally:
        shutil.rmtree(home)


def test_programs_out_of_the_accounts_reach_are_copied_to_where_it_can_run_them() -> None:
    place = Path(tempfile.mkdtemp(prefix="tributary-test-"))
    place.chmod(0o755)
    try:
        copy = postgres_install.shared_copy(postgres_install.installation(), place)
        assert postgres_install.shared_copy(postgres_install.installation(), place) == copy
        for name in ("postgres", "initdb"):  # initdb needs a library from beside the package
            process = spawn_as(ordinary_account(), [str(copy / "bin" / name), "--version"])
            assert process.communicate()[0] == f"{name} (PostgreSQL) {postgres_install.version()}\n"
        assert [each.name for each in place.iterdir()] == [copy.parents[1].name]
    finally:
        shutil.rmtree(place)


@pytest.mark.parametrize(
    ("memory_b", "shared_buffers", "work_mem"),
    [(GB // 4, "64MB", "4MB"), (2 * GB, "512MB", "4MB"), (64 * GB, "1024MB", "16MB")],
)
def test_settings_follow_the_machines_memory(
    memory_b: int, shared_buffers: str, work_mem: str
) -> None:
    settings = tuned(memory_b)
    assert (settings["shared_buffers"], settings["work_mem"]) == (shared_buffers, work_mem)
    assert settings["max_connections"] == "200"


def test_a_start_that_fails_shows_the_end_of_the_log(data_dir: Path) -> None:
    with (
        pytest.raises(StackError, match="did not come up: exit code 1") as refused,
        running_postgres(data_dir, settings={"no_such_setting": "1"}),
    ):
        pass
    assert 'unrecognized configuration parameter "no_such_setting"' in refused.value.message
