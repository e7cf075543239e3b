"""The API's description is for those who may come in."""

from fastapi.testclient import TestClient

from tests.api.asking import Api


def test_strangers_see_no_description_of_the_api(client: TestClient) -> None:
    assert client.get("/openapi.json").status_code == 401
    answer = client.get("/docs", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/operations/sign-in?next=/docs"
    assert client.get("/redoc").status_code == 404


def test_whoever_holds_a_key_may_read_the_description(api: Api) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    assert "/v1/orders" in paths
    assert "/v1/stores/{code}/pickups" in paths
    page = api.get("/docs")
    assert page.status_code == 200
    assert "Tributary API" in page.text
