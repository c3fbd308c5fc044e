import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(Settings("key", {"ada": "word"}, "1.2.3")))


@pytest.fixture
def signed_in(client: TestClient) -> TestClient:
    answer = client.post("/api/v1/auth/login", json={"username": "ada", "password": "word"})
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return client


def test_health_and_version(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/api/v1/version").json() == {"version": "1.2.3"}


@pytest.mark.parametrize(("username", "password"), [("ada", "wrong"), ("eve", "word")])
def test_a_wrong_login_is_refused(client: TestClient, username: str, password: str) -> None:
    answer = client.post("/api/v1/auth/login", json={"username": username, "password": password})
    assert answer.status_code == 401
    assert answer.json() == {"detail": "The user name or the password is wrong."}


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_login_without_a_name_is_refused(client: TestClient, content: str) -> None:
    assert client.post("/api/v1/auth/login", content=content).status_code == 422


def test_uploads_ask_for_a_login(client: TestClient) -> None:
    assert client.get("/api/v1/uploads").status_code == 401


def test_an_upload(signed_in: TestClient) -> None:
    created = signed_in.post("/api/v1/uploads", json={"size": 3, "chunk_size": 2})
    assert created.status_code == 201
    at = f"/api/v1/uploads/{created.json()['id']}"
    assert signed_in.put(f"{at}/chunks/0", content=b"ab").json()["received"] == 1
    assert signed_in.post(f"{at}/complete").status_code == 422
    assert signed_in.put(f"{at}/chunks/1", content=b"c").status_code == 200
    assert signed_in.post(f"{at}/complete").json()["complete"] is True
    assert [upload["size"] for upload in signed_in.get("/api/v1/uploads").json()] == [3]


@pytest.mark.parametrize("content", [{}, [], {"size": "x", "chunk_size": 1}, {"size": 1, "chunk_size": 0}])
def test_an_upload_that_makes_no_sense_is_refused(signed_in: TestClient, content: object) -> None:
    assert signed_in.post("/api/v1/uploads", json=content).status_code == 422


def test_an_unknown_upload_is_not_found(signed_in: TestClient) -> None:
    assert signed_in.put("/api/v1/uploads/none/chunks/0", content=b"").status_code == 404
