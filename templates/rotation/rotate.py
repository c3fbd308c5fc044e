"""The function with which AWS Secrets Manager rotates an environment's secrets (AWS Lambda, handler `rotate.handler`).

It has the four steps of a rotation function (AWS Secrets Manager User Guide, "Lambda rotation functions"). Each may be
called again, after it ended or was killed half-way. It knows two entries:

- `relaypacs/<environment>/database-url`, a PostgreSQL URL. Two users take turns, NAME and NAME_b. The one that is not in
  use gets a new password, so what runs keeps its own until the next rotation. The second acts as the first
  (`ALTER ROLE NAME_b SET role TO NAME`), to which all objects belong.
- `relaypacs/<environment>/application-secret-key`, 48 random bytes as base64url.

Passwords are set by the user that `relaypacs-rotation/<environment>` names, a secret with JSON as Amazon RDS writes it:
`{"username": …, "password": …}`. The server gets a SCRAM verifier (RFC 5802), so its log can't hold a password.

With `sslmode` verify-ca or verify-full in the URL, PGSSLROOTCERT names a file with the authority's certificate; without it
the system's authorities count.
"""

import json
import logging
import os
import re
import secrets
import ssl
from base64 import b64encode
from urllib.parse import parse_qs, unquote

import boto3
import pg8000.native
import scramp

log = logging.getLogger("relaypacs.rotation")
log.setLevel(logging.INFO)

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

URL = re.compile(
    r"(?P<scheme>postgres(?:ql)?://)(?P<user>[^:@/?#]+):(?P<password>[^@/?#]+)@"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:@/?#\[\]]+)(?::(?P<port>\d{1,5}))?/(?P<database>[^/?#]+)(?:\?(?P<options>[^#]*))?"
)


class RotationError(Exception):
    """Why nothing is rotated: one sentence without a value."""


class Database:
    """A PostgreSQL URL with user and password."""

    def __init__(self, url, where):
        found = URL.fullmatch(url)
        if not found:
            # The text itself has a password.
            raise RotationError(f"{where} is not a URL such as postgresql://user:password@host:port/database.")
        self.parts = found
        self.url = url
        self.user = unquote(found["user"])
        self.password = unquote(found["password"])
        self.place = (found["host"].strip("[]").lower(), int(found["port"] or 5432), unquote(found["database"]))
        self.tls = tls(parse_qs(found["options"] or "").get("sslmode", ["prefer"])[-1], where)

    def with_login(self, user, password):
        """The same URL, with another user. Both need no escape characters."""
        found = self.parts
        return self.url[: found.start("user")] + f"{user}:{password}" + self.url[found.end("password") :]

    def connect(self, user=None, password=None):
        host, port, database = self.place
        return pg8000.native.Connection(
            user or self.user,
            password=password or self.password,
            host=host,
            port=port,
            database=database,
            ssl_context=self.tls,
            timeout=10,
            application_name="relaypacs-rotation",
        )

    def accepts(self):
        """Whether the server lets this user in by this password."""
        try:
            self.connect().close()
            return True
        except pg8000.native.DatabaseError as error:
            # 28P01 invalid_password, 28000 invalid_authorization_specification
            if sqlstate(error) in ("28P01", "28000"):
                return False
            raise


def sqlstate(error):
    fields = error.args[0] if error.args else None
    return fields.get("C") if isinstance(fields, dict) else None


def tls(mode, where):
    """libpq's sslmode, as pg8000 takes it: None tries TLS first, True takes any certificate."""
    if mode in ("disable", "allow", "prefer", "require"):
        return {"disable": False, "require": True}.get(mode)
    if mode not in ("verify-ca", "verify-full"):
        raise RotationError(f"{where} has an unknown sslmode; accepted: libpq's, as verify-full.")
    context = ssl.create_default_context(cafile=os.environ.get("PGSSLROOTCERT"))
    context.check_hostname = mode == "verify-full"
    return context


def users(user):
    """The two users that take turns, of which `user` is one; the first owns everything."""
    first = user.removesuffix("_b")
    return first, f"{first}_b"


def other(user):
    first, second = users(user)
    return second if user == first else first


class Rotation:
    """One version of one secret on its way from AWSPENDING to AWSCURRENT."""

    def __init__(self, store, described, token):
        self.store = store
        self.arn = described["ARN"]
        self.name = described["Name"]
        self.stages = described.get("VersionIdsToStages") or {}
        self.token = token

    def value(self, stage, version=None):
        """A version's value; None where there is none."""
        try:
            wanted = {"VersionId": version} if version else {}
            return self.store.get_secret_value(SecretId=self.arn, VersionStage=stage, **wanted)["SecretString"]
        except self.store.exceptions.ResourceNotFoundException:
            return None

    def current(self):
        value = self.value("AWSCURRENT")
        if value is None:
            raise RotationError(f"{self.name} has no version with the stage AWSCURRENT.")
        return value

    def pending(self):
        value = self.value("AWSPENDING", self.token)
        if value is None:
            raise RotationError(f"The version {self.token} of {self.name} has no value; createSecret comes first.")
        return value

    def create(self):
        current = self.current()
        if self.value("AWSPENDING", self.token) is not None:
            return
        try:
            self.store.put_secret_value(
                SecretId=self.arn,
                ClientRequestToken=self.token,
                SecretString=self.next(current),
                VersionStages=["AWSPENDING"],
            )
        except self.store.exceptions.ResourceExistsException:
            log.info("another call has written the version %s", self.token)

    def set(self):
        """Nothing but the store has to know a new value."""

    def finish(self):
        current = next((version for version, stages in self.stages.items() if "AWSCURRENT" in stages), None)
        moved = {"RemoveFromVersionId": current} if current else {}
        # Secrets Manager itself takes AWSPENDING away. Taken away here, it would count as a rotation that failed.
        self.store.update_secret_version_stage(
            SecretId=self.arn, VersionStage="AWSCURRENT", MoveToVersionId=self.token, **moved
        )


class KeyRotation(Rotation):
    def next(self, _current):
        return secrets.token_urlsafe(48)

    def test(self):
        if len(self.pending()) < 32:
            raise RotationError(f"The version {self.token} of {self.name} is shorter than 32 characters.")


class DatabaseRotation(Rotation):
    def database(self, url, stage):
        return Database(url, f"{self.name} ({stage})")

    def next(self, current):
        database = self.database(current, "AWSCURRENT")
        user = other(database.user)
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", user):
            raise RotationError(f"The user of {self.name} has other characters than letters, digits, _, . and -.")
        return database.with_login(user, secrets.token_urlsafe(36))

    def set(self):
        current = self.database(self.current(), "AWSCURRENT")
        pending = self.database(self.pending(), "AWSPENDING")
        if pending.place != current.place:
            raise RotationError(f"AWSPENDING of {self.name} names another database than AWSCURRENT.")
        if pending.user != other(current.user):
            raise RotationError(
                f"AWSPENDING of {self.name} names {pending.user}, and {current.user} is in use: the store has changed "
                f"since it was made. Take the stage AWSPENDING from {self.token} "
                "(aws secretsmanager update-secret-version-stage --remove-from-version-id), and rotate again."
            )
        if pending.accepts():
            return
        administrator = self.administrator(current)
        try:
            user = pg8000.native.identifier(pending.user)
            administrator.run(f"ALTER ROLE {user} PASSWORD {pg8000.native.literal(verifier(pending.password))}")
        finally:
            administrator.close()

    def administrator(self, database):
        name = f"relaypacs-rotation/{self.name.split('/')[1]}"
        try:
            stored = json.loads(self.store.get_secret_value(SecretId=name)["SecretString"])
            user, password = stored["username"], stored["password"]
        except self.store.exceptions.ResourceNotFoundException:
            raise RotationError(f"The secret {name}, which names who sets passwords, does not exist.") from None
        except (ValueError, KeyError, TypeError):
            raise RotationError(f'The secret {name} is not JSON with "username" and "password".') from None
        # A login for one server must not be sent to another.
        if stored.get("host", database.place[0]).lower() != database.place[0]:
            raise RotationError(f"The secret {name} is for another host than {self.name}.")
        return database.connect(user, password)

    def test(self):
        pending = self.database(self.pending(), "AWSPENDING")
        connection = pending.connect()
        try:
            ((acting,),) = connection.run("SELECT current_user")
            # It writes what is gone with the connection.
            connection.run("CREATE TEMPORARY TABLE rotation_test AS SELECT 1 AS written")
            connection.run("SELECT written FROM rotation_test")
        finally:
            connection.close()
        first, _ = users(pending.user)
        if acting != first:
            raise RotationError(
                f"{pending.user} acts as {acting}, not as {first}, so they have different rights: "
                f"ALTER ROLE {pending.user} SET role TO {first}."
            )
        self.refuse_old_password(pending)

    def refuse_old_password(self, pending):
        """A database that checks no password (trust in pg_hba.conf) would let everyone in, and each test succeed."""
        try:
            before = self.database(self.value("AWSPREVIOUS") or "", "AWSPREVIOUS")
        except RotationError:
            # There is none, or a person has put something else there since.
            return
        same = before.user == pending.user and before.place == pending.place
        if same and before.password != pending.password and before.accepts():
            raise RotationError(f"The database still lets {pending.user} in by the old password.")


def verifier(password):
    """What PostgreSQL stores of a password (RFC 5803), made here."""
    mechanism = scramp.ScramMechanism("SCRAM-SHA-256")
    salt, stored_key, server_key, iterations = mechanism.make_auth_info(password, iteration_count=4096)
    salt, stored_key, server_key = (b64encode(part).decode() for part in (salt, stored_key, server_key))
    return f"SCRAM-SHA-256${iterations}:{salt}${stored_key}:{server_key}"


ENTRIES = {"database-url": DatabaseRotation, "application-secret-key": KeyRotation}


def handler(event, _context):
    """One step for one version. Raises what went wrong, and then Secrets Manager tries again later."""
    step, token = event["Step"], event["ClientRequestToken"]
    store = boto3.client("secretsmanager")
    described = store.describe_secret(SecretId=event["SecretId"])
    name = described["Name"]
    found = re.fullmatch(r"relaypacs/[^/]+/([^/]+)", name)
    kind = ENTRIES.get(found[1]) if found else None
    if kind is None:
        raise RotationError(f"{name} is not rotated here; accepted: relaypacs/<environment>/{' or '.join(ENTRIES)}.")
    if step not in STEPS:
        raise RotationError(f"{step} is not a step of a rotation; accepted: {', '.join(STEPS)}.")
    if not described.get("RotationEnabled"):
        raise RotationError(f"{name} has no rotation.")
    rotation = kind(store, described, token)
    stages = rotation.stages.get(token)
    if stages is None:
        raise RotationError(f"{name} has no version {token}.")
    if "AWSCURRENT" in stages:
        log.info("%s: the version %s is current already", name, token)
        return
    if "AWSPENDING" not in stages:
        raise RotationError(f"The version {token} of {name} does not have the stage AWSPENDING.")
    getattr(rotation, step.removesuffix("Secret"))()
    log.info("%s: %s of the version %s is done", name, step, token)
