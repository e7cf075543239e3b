"""What runs, in which order, and what each process is told."""

import sys
from pathlib import Path

import pytest

from api.stack import postgres, temporal
from api.stack.accounts import Account
from api.stack.children import Step
from api.stack.folders import Folders, make_folders
from api.stack.options import UpOptions
from api.stack.plan import Plan, addresses, phases
from api.stack.postgres_cluster import Cluster


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return make_folders(tmp_path)


def embedded(folders: Folders, options: UpOptions) -> Plan:
    database = postgres.Server(Cluster(folders, Account(1, 1)), options.postgres_port)
    engine = temporal.Server(folders, options.temporal_port, options.temporal_ui_port)
    return Plan(options, folders, database, engine)


def outline(plan: Plan) -> list[list[str]]:
    return [[each.program.name for each in phase] for phase in phases(plan)]


def arguments(plan: Plan, name: str) -> list[str]:
    programs = [each.program for phase in phases(plan) for each in phase]
    (found,) = [program for program in programs if program.name == name]
    assert found.argv[:3] == (sys.executable, "-m", "api.cli")
    return list(found.argv[3:])


def test_the_servers_come_first_then_their_setup_then_our_own_processes(
    folders: Folders,
) -> None:
    plan = embedded(folders, UpOptions(data_dir=folders.root, environ={}, port=8001))
    assert outline(plan) == [
        ["postgres", "temporal"],
        ["setup", "web", "worker"],
    ]
    assert arguments(plan, "web") == ["api", "--port", "8001"]
    assert arguments(plan, "worker") == ["worker"]
    assert arguments(plan, "setup") == ["setup"]


def test_the_demo_adds_its_settings_its_network_its_shops_and_its_people(
    folders: Folders,
) -> None:
    root = str(folders.root)
    options = UpOptions(
        data_dir=folders.root,
        environ={},
        demo=True,
        sandbox_port=8002,
        orders_per_minute=7,
        auto_associates=True,
    )
    plan = embedded(folders, options)
    assert outline(plan) == [
        ["postgres", "temporal", "demo-prepare"],
        ["setup", "web", "worker"],
        ["sandbox"],
        ["associates"],
    ]
    urls = ["http://127.0.0.1:8080", "http://127.0.0.1:8002"]
    mail = ["--mail-port", "8025"]
    assert arguments(plan, "demo-prepare") == ["demo-prepare", root, *urls, *mail]
    assert arguments(plan, "setup") == ["setup", "--demo", root]
    assert arguments(plan, "associates") == ["demo-associates", root, urls[0]]
    assert arguments(plan, "sandbox") == [
        *("sandbox", "--port", "8002"),
        *("--config", f"{root}/sandbox.json"),
        *("--book", f"{root}/shop-book.json"),
        *("--data-dir", f"{root}/sandbox"),
        *("--orders-per-minute", "7"),
    ]
    assert plan.environ["TRIBUTARY_CONFIG"] == f"{root}/tributary.toml"
    plan.credentials.write_text("seeded")
    assert outline(plan)[1:] == [["setup", "web", "worker", "sandbox"], ["associates"]]


def test_addresses_of_ones_own_replace_the_embedded_servers(folders: Folders) -> None:
    options = UpOptions(
        data_dir=folders.root,
        environ={},
        database_url="postgresql://me:secret@db/oms",
        temporal_address="temporal.example:7233",
    )
    plan = Plan(options, folders, postgres=None, temporal=None)
    assert outline(plan) == [[], ["setup", "web", "worker"]]
    assert plan.environ["DATABASE_URL"] == "postgresql://me:secret@db/oms"
    assert plan.environ["TEMPORAL_ADDRESS"] == "temporal.example:7233"
    assert "TRIBUTARY_TEMPORAL_UI_URL" not in plan.environ
    assert list(options.ports) == ["--port"]
    assert "secret" not in "".join(addresses(plan).values())


def test_our_processes_get_the_addresses_and_keep_the_rest_of_the_environment(
    folders: Folders,
) -> None:
    given = {"PATH": "/bin", "TRIBUTARY_PUBLIC_URL": "https://orders.example"}
    plan = embedded(folders, UpOptions(data_dir=folders.root, environ=given))
    assert plan.postgres is not None
    assert plan.environ == {
        **given,
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": plan.postgres.url,
        "TEMPORAL_ADDRESS": "127.0.0.1:7233",
        "TRIBUTARY_TEMPORAL_UI_URL": "http://127.0.0.1:8233",
    }


def test_stopping_takes_less_than_ten_seconds_by_its_own_rules(folders: Folders) -> None:
    options = UpOptions(data_dir=folders.root, environ={}, demo=True)
    longest = [
        max(each.program.stop_timeout_s for each in phase if not isinstance(each, Step))
        for phase in phases(embedded(folders, options))
        if not all(isinstance(each, Step) for each in phase)
    ]
    assert sum(longest) < 10
