"""What an operator reads when Parley can't start: a port that is taken, an artifact that isn't there."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from parley.errors import NotReady, PortTaken
from parley.preparation import check_artifacts
from parley.stack import free_port, settings_for
from parley.supervision import Supervisor, processes, shut_down, states


@pytest.mark.parametrize("name", ["port", "bot_port", "actions_port"])
def test_a_taken_port_is_named_with_its_setting_and_a_way_out(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            Supervisor(settings_for(tmp_path, **{name: taken})).check_ports()
    said = str(refused.value)
    assert f"Port {taken} is in use" in said
    assert f"PARLEY_{name.upper()}=" in said
    assert "\n" not in said


def test_an_address_that_isnt_this_machines_is_told_apart_from_a_taken_port(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="PARLEY_HOST") as refused:
        Supervisor(settings_for(tmp_path, host="192.0.2.1")).check_ports()
    assert not isinstance(refused.value, PortTaken)


def test_free_ports_are_fine_and_checking_doesnt_take_them(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    for _ in range(2):
        Supervisor(settings).check_ports()


def test_a_missing_artifact_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, artifacts=tmp_path / "nowhere", bot_python=tmp_path)
    with pytest.raises(NotReady, match=r"bot\.tar\.gz is missing.*make setup"):
        check_artifacts(settings)


def test_nothing_runs_where_nothing_was_started(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert states(settings) == []
    assert shut_down(settings) is False


def test_a_socket_left_by_a_supervisor_that_died_counts_as_nothing_running(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "supervisor.sock"))
    assert states(settings_for(tmp_path)) == []


def test_every_process_but_the_web_channel_stays_on_loopback(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, host="0.0.0.0", port=free_port())  # noqa: S104 - an operator's choice
    for process in processes(settings):
        assert "127.0.0.1" in process.health
