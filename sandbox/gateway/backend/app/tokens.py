"""Access tokens: a name and its signature."""

import hashlib
import hmac


def sign(name: str, secret_key: str) -> str:
    """A token for a user."""
    digest = hmac.new(secret_key.encode(), name.encode(), hashlib.sha256).hexdigest()
    return f"{name}.{digest}"


def verified(token: str, secret_key: str) -> str | None:
    """The user of a token, or nothing when it was not signed here."""
    name, _, _ = token.rpartition(".")
    return name if name and hmac.compare_digest(sign(name, secret_key), token) else None
