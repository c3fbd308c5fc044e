"""Starts the backend: python -m app."""

import os

import uvicorn

from app.main import create_app
from app.settings import from_environment

if __name__ == "__main__":
    uvicorn.run(
        create_app(from_environment(os.environ)),
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        access_log=False,
    )
