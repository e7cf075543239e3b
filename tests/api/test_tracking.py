"""The customer's own order and their messages over the API."""

from tests.api.asking import Api, an_order, error_of


def placed(api: Api, **changes: object) -> str:
    answer = api.post("/v1/orders", an_order(**changes))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["order_id"])


def test_an_app_reads_and_changes_an_order_by_its_link(api: Api) -> None:
    order_id = placed(api, delivery="pickup", pickup_store="S01", address=None)
    link = api.post(f"/v1/orders/{order_id}/customer-link").json()
    assert api.post(f"/v1/orders/{order_id}/customer-link").json() == link
    assert link["url"].endswith(f"/order/{link['token']}")
    path = f"/v1/track/{link['token']}"
    shown = api.get(path).json()
    assert (shown["delivery"], shown["may_move"], shown["late"]) == ("pickup", True, False)
    named = api.post(f"{path}/collectors", {"name": "Bo Berg"}).json()
    [bo] = named["collectors"]
    assert bo["name"] == "Bo Berg"
    assert api.delete(f"{path}/collectors/{bo['id']}").json()["collectors"] == []
    [line] = shown["lines"]
    stale = {"version": 99, "lines": [{"line_id": line["id"], "units": 1}]}
    assert error_of(api.post(f"{path}/cancel", stale), 409, "stale_version")
    gone = api.post(f"{path}/cancel", stale | {"version": shown["version"]}).json()
    assert gone["status"] == "cancelled"
    assert error_of(api.post(f"{path}/arrived", {"verdict": "well"}), 409, "conflict")
    assert error_of(api.get("/v1/track/nobody"), 404, "not_found")


def test_a_wording_is_checked_shown_used_and_withdrawn(api: Api) -> None:
    texts = {"subject": "Go {{ order }}", "text": "{{ link }}", "sms": "{{ shop }}"}
    body = {"language": "nl", "kind": "shipped", "texts": texts}
    wrong = body | {"texts": texts | {"text": "{{ secret }}"}}
    error = error_of(api.post("/v1/notice-templates", wrong), 422, "invalid")
    assert (error["field"], "secret" in error["message"]) == ("text", True)
    for bad in ("{% if %}", "{{ order.__class__.__mro__[1] }}", " "):
        wrong = body | {"texts": texts | {"sms": bad}}
        assert error_of(api.post("/v1/notice-templates", wrong), 422, "invalid")["field"] == "sms"
    shown = api.post("/v1/notice-templates/preview", body).json()
    assert shown["subject"] == "Go #1001"
    assert '<a href="https://shop.example/order/x">' in shown["html"]
    assert api.post("/v1/notice-templates", body | {"after": 0}).json()["version"] == 1
    assert error_of(api.post("/v1/notice-templates", body | {"after": 0}), 409, "conflict")
    kind = {"language": "nl", "kind": "shipped"}
    assert api.post("/v1/notice-templates/withdraw", kind).json()["withdrawn"] is True
    assert [row["version"] for row in api.get("/v1/notice-templates").json()] == [2, 1]
    elsewhere = api.post("/v1/notice-templates/preview", kind | {"brand": "none"})
    assert error_of(elsewhere, 422, "invalid")["field"] == "brand"


def test_a_customer_does_without_what_need_not_be_sent(api: Api) -> None:
    order_id = placed(api)
    path = f"/v1/orders/{order_id}/notice-preferences"
    wished = {"medium": "email", "unwanted": ["shipped", "ready"]}
    answer = api.client.put(path, json=wished, headers={"Authorization": f"Bearer {api.key}"})
    assert answer.json()["unwanted"] == {"email": ["shipped"], "sms": []}
    assert "ready" in api.get(path).json()["always_sent"]["email"]
    assert api.get(f"/v1/orders/{order_id}/notices").json() == []
