import pytest

from app.settings import from_environment
from app.tokens import sign, verified


def test_settings_of_an_environment() -> None:
    settings = from_environment({"SECRET_KEY": "key", "TEST_USERNAME": "ada", "TEST_PASSWORD": "word"})
    assert settings.users == {"ada": "word"}
    assert settings.version == "unknown"
    assert "word" not in repr(settings)


def test_without_a_key_nothing_starts() -> None:
    with pytest.raises(ValueError, match="SECRET_KEY is not set"):
        from_environment({})


@pytest.mark.parametrize("token", ["", "ada", "ada.", "ada.0000", sign("ada", "another key")])
def test_a_token_of_another_key_is_refused(token: str) -> None:
    assert verified(token, "key") is None


def test_a_token_names_its_user() -> None:
    assert verified(sign("ada.l", "key"), "key") == "ada.l"
