"""The data folder: where it is, who may read it, what becomes of old logs."""

from pathlib import Path

import pytest

from api.stack.errors import StackError
from api.stack.folders import default_data_dir, last_lines, make_folders, rotate_logs


def test_the_data_folder_follows_the_xdg_specification() -> None:
    assert default_data_dir({"XDG_DATA_HOME": "/srv/data"}) == Path("/srv/data/tributary")
    home = Path.home() / ".local/share/tributary"
    assert default_data_dir({}) == home
    assert default_data_dir({"XDG_DATA_HOME": ""}) == home
    assert default_data_dir({"XDG_DATA_HOME": "relative"}) == home


def test_only_the_owner_may_look_into_a_new_data_folder(tmp_path: Path) -> None:
    folders = make_folders(tmp_path / "new" / "data")
    assert [oct(each.stat().st_mode & 0o777) for each in (folders.root, folders.logs)] == [
        "0o700",
        "0o700",
    ]


def test_a_data_folder_that_is_a_file_is_refused_with_the_option_to_use(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(StackError) as refused:
        make_folders(tmp_path / "data")
    assert refused.value.message.startswith(f"the data folder {tmp_path / 'data'} cannot be used")
    assert "--data-dir" in str(refused.value.remedy)


def test_the_logs_of_three_earlier_runs_are_kept(tmp_path: Path) -> None:
    folders = make_folders(tmp_path / "data")
    for run in range(1, 6):
        rotate_logs(folders)
        folders.log("web").write_text(f"run {run}")
    assert {file.name: file.read_text() for file in folders.logs.iterdir()} == {
        "web.log": "run 5",
        "web.log.1": "run 4",
        "web.log.2": "run 3",
        "web.log.3": "run 2",
    }


def test_the_end_of_a_log_leaves_out_empty_lines(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("".join(f"line {number}\n\n" for number in range(10_000)))
    assert last_lines(log, count=2) == ("line 9998", "line 9999")
    assert last_lines(tmp_path / "none.log") == ()
