"""Settings that cannot be meant are refused by name, with what would do."""

import pytest
from pydantic import ValidationError

from oms.settings import settings


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("keep_ledger_days", "30", "30 days are too few.* set 31 or more"),
        ("keep_messages_days", "0", "set 31 or more"),
        ("keep_audit_days", "-1", "set 31 or more"),
        ("keep_outbox_days", "6", "set 7 or more"),
        ("partition_span", "hour", "'day', 'week' or 'month'"),
        ("partitions_ahead", "0", "greater than or equal to 1"),
        ("archive_folder", "archive", "archive is relative; give the whole path"),
    ],
)
def test_a_setting_of_the_storage_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(f"TRIBUTARY_{name.upper()}", value)
    with pytest.raises(ValidationError, match=says) as refused:
        settings()
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]
