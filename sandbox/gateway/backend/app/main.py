"""The HTTP interface."""

import hmac
from collections.abc import Awaitable, Callable
from json import JSONDecodeError

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.settings import Settings
from app.tokens import sign, verified
from app.uploads import Upload, UploadError, Uploads

Endpoint = Callable[[Request], Awaitable[Response]]


def refusal(status: int, detail: str) -> JSONResponse:
    """An error, in one sentence."""
    return JSONResponse({"detail": detail}, status)


def described(upload: Upload) -> dict[str, object]:
    """An upload as clients see it."""
    return {
        "id": upload.id,
        "chunks": len(upload.sizes),
        "received": len(upload.received),
        "size": sum(upload.sizes),
        "complete": upload.complete,
    }


def create_app(settings: Settings) -> Starlette:
    """The application, with uploads of its own."""
    uploads = Uploads()

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def version(_: Request) -> Response:
        return JSONResponse({"version": settings.version})

    async def login(request: Request) -> Response:
        try:
            given = await request.json()
            username, password = str(given["username"]), str(given["password"])
        except (JSONDecodeError, KeyError, TypeError):
            return refusal(422, "Give username and password.")
        known = settings.users.get(username)
        if known is None or not hmac.compare_digest(known.encode(), password.encode()):
            return refusal(401, "The user name or the password is wrong.")
        return JSONResponse({"access_token": sign(username, settings.secret_key)})

    def signed_in(endpoint: Endpoint) -> Endpoint:
        async def judged(request: Request) -> Response:
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if verified(token, settings.secret_key) is None:
                return refusal(401, "Sign in first.")
            try:
                return await endpoint(request)
            except KeyError:
                return refusal(404, "There is no such upload.")
            except (UploadError, ValueError) as error:
                return refusal(422, str(error))

        return judged

    async def create(request: Request) -> Response:
        given = await request.json()
        if not isinstance(given, dict) or not {"size", "chunk_size"} <= given.keys():
            raise UploadError("Give size and chunk_size.")
        upload = uploads.create(int(given["size"]), int(given["chunk_size"]))
        return JSONResponse(described(upload), 201)

    async def receive(request: Request) -> Response:
        path = request.path_params
        content = await request.body()
        return JSONResponse(described(uploads.receive(path["id"], path["number"], len(content))))

    async def finish(request: Request) -> Response:
        return JSONResponse(described(uploads.finish(request.path_params["id"])))

    async def show(_: Request) -> Response:
        return JSONResponse([described(upload) for upload in uploads.all()])

    at = "/api/v1"
    return Starlette(
        routes=[
            Route("/health", health),
            Route(f"{at}/version", version),
            Route(f"{at}/auth/login", login, methods=["POST"]),
            Route(f"{at}/uploads", signed_in(show)),
            Route(f"{at}/uploads", signed_in(create), methods=["POST"]),
            Route(f"{at}/uploads/{{id}}/chunks/{{number:int}}", signed_in(receive), methods=["PUT"]),
            Route(f"{at}/uploads/{{id}}/complete", signed_in(finish), methods=["POST"]),
        ]
    )
