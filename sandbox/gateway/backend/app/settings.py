"""What the environment says."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Settings:
    """Settings of one process. Secrets do not appear in its text."""

    secret_key: str = field(repr=False)
    users: Mapping[str, str] = field(repr=False)
    version: str = "unknown"


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Reads the settings. Raises ValueError without SECRET_KEY."""
    secret_key = environment.get("SECRET_KEY", "")
    if secret_key == "":
        raise ValueError("SECRET_KEY is not set; it signs the access tokens.")
    username = environment.get("TEST_USERNAME", "")
    users = {username: environment.get("TEST_PASSWORD", "")} if username else {}
    return Settings(secret_key, users, environment.get("APPLICATION_VERSION", "unknown"))
