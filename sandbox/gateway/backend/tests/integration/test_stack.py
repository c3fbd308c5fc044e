"""Against the test stack, through the frontend."""

import os
from collections.abc import Iterator

import httpx
import pytest

address = os.environ.get("STACK_URL", "http://127.0.0.1:18080")


@pytest.fixture
def stack() -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False) as client:
        yield client


def test_both_services_are_healthy(stack: httpx.Client) -> None:
    assert stack.get("/health").status_code == 200
    assert stack.get("/api/v1/version").status_code == 200


def test_the_page_is_served(stack: httpx.Client) -> None:
    answer = stack.get("/")
    assert "text/html" in answer.headers["Content-Type"]
    assert "RelayPACS" in answer.text


def test_a_stranger_is_refused(stack: httpx.Client) -> None:
    assert stack.get("/api/v1/uploads").status_code == 401


def test_an_upload_passes_through_both(stack: httpx.Client) -> None:
    user = {"username": "testuser", "password": "testpass"}
    token = stack.post("/api/v1/auth/login", json=user).json()["access_token"]
    stack.headers["Authorization"] = f"Bearer {token}"
    upload = stack.post("/api/v1/uploads", json={"size": 100_000, "chunk_size": 65_536}).json()
    at = f"/api/v1/uploads/{upload['id']}"
    for number, size in enumerate([65_536, 34_464]):
        assert stack.put(f"{at}/chunks/{number}", content=b"x" * size).status_code == 200
    assert stack.post(f"{at}/complete").json()["complete"] is True
