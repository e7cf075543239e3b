"""A taken port is named with its owner and the option that changes it."""

import os
import socket
from collections.abc import Iterator

import pytest

from api.stack.errors import PortInUse, StackError
from api.stack.ports import LOOPBACK, check_free, free_port


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield int(server.getsockname()[1])


def test_free_ports_pass() -> None:
    check_free({"--port": free_port(), "--postgres-port": free_port()})


def test_a_taken_port_names_its_owner_and_the_option(listener: int) -> None:
    with pytest.raises(PortInUse) as refused:
        check_free({"--postgres-port": free_port(), "--port": listener})
    assert refused.value.port == listener
    assert refused.value.message.startswith(f"port {listener} is in use by ")
    assert refused.value.message.endswith(f"(pid {os.getpid()})")
    assert refused.value.remedy == "choose another with --port"


def test_a_port_that_was_just_closed_is_free_though_the_system_still_remembers_it() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = int(server.getsockname()[1])
        with socket.create_connection((LOOPBACK, port)) as client:
            accepted, _ = server.accept()
            accepted.close()  # the server's side closes first and lingers in TIME_WAIT
            assert client.recv(1) == b""
    check_free({"--port": port})


def test_one_port_for_two_parts_is_refused() -> None:
    port = free_port()
    with pytest.raises(StackError) as refused:
        check_free({"--port": port, "--temporal-port": port})
    assert refused.value.message == f"--port and --temporal-port are both {port}"


def test_a_number_that_is_no_port_is_refused() -> None:
    with pytest.raises(StackError) as refused:
        check_free({"--port": 70_000})
    assert refused.value.message == "70000 is no port"
    assert refused.value.remedy == "give --port a number from 1 to 65535"
