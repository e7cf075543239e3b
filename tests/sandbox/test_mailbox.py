"""The demo's mailbox takes mail in and shows it, and only that."""

import smtplib

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.sandbox import mailbox
from api.stack.ports import free_port
from oms.notifications import email
from tests.oms.notifications.letters import a_letter


def test_a_letter_is_shown_as_mail_programs_do() -> None:
    letters, port = mailbox.Letters(), free_port()
    application = FastAPI()
    application.include_router(mailbox.router(letters))
    letters.open(port)
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as server:
            server.send_message(email.compose(a_letter(subject="Grüße <1>")))
    finally:
        letters.close()
    page = TestClient(application)
    assert "Grüße &lt;1&gt;" in page.get("/mailbox").text
    shown = page.get("/mailbox/1")
    assert "<b>hello</b>" in shown.text
    assert "script" not in shown.headers["Content-Security-Policy"]
    source = page.get("/mailbox/1/source").text
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in source
    assert "multipart/alternative" in source
