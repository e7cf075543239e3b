"""`oms notices`: see a wording, use one's own, take it back."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli.notices import notices
from oms.errors import Invalid

RUNNER = CliRunner()


def said(*arguments: str) -> str:
    result = RUNNER.invoke(notices, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.usefixtures("live_database")
def test_a_brand_words_a_kind_by_itself_and_takes_it_back(tmp_path: Path) -> None:
    assert "Ihre Bestellung #1001 liegt für Sie bereit." in said(
        "preview", "ready", "--language", "de"
    )
    file = tmp_path / "wording.json"
    texts = {"subject": "Klar: {{ order }}", "text": "{{ address }}", "sms": "{{ code }}"}
    file.write_text(json.dumps(texts), encoding="utf-8")
    assert "<h1" in said("preview", "ready", "--language", "de", "--file", str(file), "--html")
    assert "version 1 is used" in said("set", "ready", str(file), "--language", "de")
    assert "again" in said("withdraw", "ready", "--language", "de", "--note", "too short")
    rows = json.loads(said("list", "--json"))
    assert [(row["version"], row["withdrawn"]) for row in rows] == [(2, True), (1, False)]
    file.write_text(json.dumps(texts | {"sms": "{{ amount }}"}), encoding="utf-8")
    with pytest.raises(Invalid, match="sms names amount"):
        said("set", "ready", str(file), "--language", "de")
    file.write_text("[]", encoding="utf-8")
    wrong = RUNNER.invoke(notices, ["preview", "ready", "--file", str(file)])
    assert (wrong.exit_code, "subject, text, sms" in wrong.output) == (2, True)
