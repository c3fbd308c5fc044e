"""Tries the rotation function against the sandbox's AWS and a real PostgreSQL; rotate.integration.test.ts starts both.

Steps are called in this process, whole rotations by RotateSecret, for which the sandbox runs the function by itself.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import unittest
import uuid
from urllib.parse import urlsplit

import boto3
import pg8000.native

import rotate

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:relaypacs-secret-rotation"
DATABASE = "relaypacs/prod/database-url"
KEY = "relaypacs/prod/application-secret-key"
LOGIN = "relaypacs-rotation/prod"
CONFIGURED = os.environ["CONFIGURED_URL"]

store = boto3.client("secretsmanager")
logged = []


class Log(logging.Handler):
    def emit(self, record):
        logged.append(record.getMessage())


# What the driver, AWS's library and the function say, down to the last detail.
logging.getLogger().addHandler(Log())
logging.getLogger("relaypacs").setLevel(logging.DEBUG)


def value(secret=DATABASE, **which):
    return store.get_secret_value(SecretId=secret, **which)["SecretString"]


def put(text, secret=DATABASE, **which):
    return store.put_secret_value(SecretId=secret, SecretString=text, **which)["VersionId"]


def stages(secret=DATABASE):
    return store.describe_secret(SecretId=secret)["VersionIdsToStages"]


def version_at(stage, secret=DATABASE):
    return next(version for version, names in stages(secret).items() if stage in names)


def rotate_secret(secret=DATABASE):
    """A whole rotation, for which the sandbox calls the function."""
    return store.rotate_secret(SecretId=secret, RotationLambdaARN=FUNCTION)["VersionId"]


def begin(secret=DATABASE):
    """What RotateSecret makes before it calls the function: a version with AWSPENDING and without a value."""
    token = str(uuid.uuid4())
    absent = FUNCTION.replace("relaypacs-secret-rotation", "absent")
    try:
        store.rotate_secret(SecretId=secret, ClientRequestToken=token, RotationLambdaARN=absent)
    except store.exceptions.ResourceNotFoundException:
        return token
    raise AssertionError("the function exists")


def steps(token, *names, secret=DATABASE):
    for name in names:
        rotate.handler({"Step": f"{name}Secret", "SecretId": secret, "ClientRequestToken": token}, None)


def rotate_here(secret=DATABASE):
    """The same in this process, which is faster."""
    token = begin(secret)
    steps(token, "create", "set", "test", "finish", secret=secret)
    return token


def user(address):
    return urlsplit(address).username


def logs_in(address):
    parts = urlsplit(address)
    try:
        pg8000.native.Connection(
            parts.username, password=parts.password, host=parts.hostname, port=parts.port, database=parts.path[1:]
        ).close()
        return True
    except pg8000.native.DatabaseError as error:
        assert error.args[0]["C"] == "28P01", error
        return False


class Rotation(unittest.TestCase):
    def refused(self, pattern, token, *names, secret=DATABASE):
        with self.assertRaisesRegex(rotate.RotationError, pattern) as caught:
            steps(token, *names, secret=secret)
        return str(caught.exception)

    def whole(self):
        """A rotation that goes well; no test leaves the secret in a state in which it does not."""
        before = value()
        rotate_here()
        now = value()
        self.assertNotEqual(user(now), user(before))
        self.assertEqual((logs_in(before), logs_in(now)), (True, True))

    def test_declared_rotation_changes_nothing(self):
        def names():
            return {version: set(names) - {"AWSPENDING"} for version, names in stages().items()}

        before = names()
        store.rotate_secret(
            SecretId=DATABASE,
            RotationLambdaARN=FUNCTION,
            RotationRules={"AutomaticallyAfterDays": 90},
            RotateImmediately=False,
        )
        self.assertEqual(names(), before)
        self.assertTrue(logs_in(value()))

    def test_other_user_gets_a_new_password_and_the_one_in_use_keeps_its_own(self):
        before, first = value(), version_at("AWSCURRENT")
        version = rotate_secret()
        now = value()
        self.assertEqual({user(before), user(now)}, {"relaypacs_prod", "relaypacs_prod_b"})
        self.assertEqual((logs_in(before), logs_in(now)), (True, True))
        self.assertEqual(stages()[first], ["AWSPREVIOUS"])
        self.assertIn("AWSCURRENT", stages()[version])
        self.assertEqual(urlsplit(now).path, urlsplit(before).path)

    def test_old_password_is_refused_after_that_users_next_turn(self):
        first = value()
        rotate_here()
        second = value()
        rotate_here()
        third = value()
        self.assertEqual(user(third), user(first))
        self.assertEqual([logs_in(one) for one in (first, second, third)], [False, True, True])

    def test_steps_may_be_repeated_as_after_an_interruption(self):
        before, token = value(), begin()
        threads = [threading.Thread(target=steps, args=(token, "create")) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        created = value(VersionId=token)
        steps(token, "create")
        self.assertEqual(value(VersionId=token), created)
        self.assertFalse(logs_in(created))
        steps(token, "set", "set", "create", "test", "test")
        self.assertEqual(value(VersionStage="AWSCURRENT"), before)
        steps(token, "finish", "finish", "create", "set", "test")
        self.assertEqual((value(), version_at("AWSCURRENT")), (created, token))
        self.assertEqual((logs_in(before), logs_in(created)), (True, True))

    def test_killed_at_any_moment_another_rotation_ends_well(self):
        for done in ((), ("create",), ("create", "set"), ("create", "set", "test")):
            before, token = value(), begin()
            steps(token, *done)
            self.assertEqual(value(), before)
            self.assertTrue(logs_in(before))
            self.whole()

    def test_killed_process_and_the_same_version_again(self):
        for seconds in (0.3, 0.5, 0.7, 0.9):
            token = begin()
            before = value()
            events = [{"Step": f"{s}Secret", "SecretId": DATABASE, "ClientRequestToken": token} for s in ("create", "set")]
            script = f"import rotate\nfor event in {events!r}: rotate.handler(event, None)"
            process = subprocess.Popen([sys.executable, "-c", script])
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self.assertEqual(value(), before)
            self.assertTrue(logs_in(before))
            steps(token, "create", "set", "test", "finish")
            self.assertTrue(logs_in(value()))

    def test_password_that_the_database_refuses_is_not_called_good(self):
        token = begin()
        steps(token, "create")
        with self.assertRaisesRegex(pg8000.native.DatabaseError, "28P01"):
            steps(token, "test")
        self.assertNotEqual(version_at("AWSCURRENT"), token)
        steps(token, "set", "test", "finish")

    def test_second_user_must_act_as_the_first(self):
        token = begin()
        steps(token, "create")
        if user(value(VersionId=token)) == "relaypacs_prod":
            steps(token, "set", "test", "finish")
            token = begin()
            steps(token, "create")
        steps(token, "set")
        login = json.loads(value(LOGIN))
        parts = urlsplit(CONFIGURED)
        administrator = pg8000.native.Connection(
            login["username"], password=login["password"], host=parts.hostname, port=parts.port, database=parts.path[1:]
        )
        administrator.run("ALTER ROLE relaypacs_prod_b RESET role")
        try:
            self.refused(
                r"^relaypacs_prod_b acts as relaypacs_prod_b, not as relaypacs_prod, so they have different rights: "
                r"ALTER ROLE relaypacs_prod_b SET role TO relaypacs_prod\.$",
                token,
                "test",
            )
        finally:
            administrator.run("ALTER ROLE relaypacs_prod_b SET role TO relaypacs_prod")
            administrator.close()
        steps(token, "test", "finish")

    def test_other_versions_steps_and_secrets_are_refused(self):
        absent = str(uuid.uuid4())
        self.refused(f"^{DATABASE} has no version {absent}.$", absent, "create")
        rotate_here()
        previous = version_at("AWSPREVIOUS")
        self.refused(f"^The version {previous} of {DATABASE} does not have the stage AWSPENDING.$", previous, "create")
        token = begin()
        self.refused(f"^The version {token} of {DATABASE} has no value; createSecret comes first.$", token, "set")
        self.refused(
            "^dropSecret is not a step of a rotation; accepted: createSecret, setSecret, testSecret, finishSecret.$",
            token,
            "drop",
        )
        store.create_secret(Name="relaypacs/prod/docker-hub", SecretString="synthetic-token")
        accepted = "accepted: relaypacs/<environment>/database-url or application-secret-key."
        self.refused(f"^relaypacs/prod/docker-hub is not rotated here; {accepted}$", absent, "create", secret="relaypacs/prod/docker-hub")
        self.refused(f"^{LOGIN} is not rotated here; {accepted}$", absent, "create", secret=LOGIN)
        store.create_secret(Name="relaypacs/staging/database-url", SecretString="synthetic-url")
        self.refused(
            "^relaypacs/staging/database-url has no rotation.$", absent, "create", secret="relaypacs/staging/database-url"
        )

    def test_user_in_use_keeps_its_password_whatever_is_pending(self):
        current, token = value(), str(uuid.uuid4())
        mine = rotate.Database(current, "").with_login(user(current), "synthetic-password")
        put(mine, ClientRequestToken=token, VersionStages=["AWSPENDING"])
        self.refused("is in use: the store has changed since it was made. Take the stage AWSPENDING from", token, "set")
        self.assertTrue(logs_in(current))
        self.whole()

    def test_another_database_than_the_current_one_is_refused(self):
        for changed in ("database.example.org", "127.0.0.2"):
            token = str(uuid.uuid4())
            put(value().replace("127.0.0.1", changed), ClientRequestToken=token, VersionStages=["AWSPENDING"])
            self.refused(f"^AWSPENDING of {DATABASE} names another database than AWSCURRENT.$", token, "set")

    def test_login_that_sets_passwords_is_judged(self):
        good, token = value(LOGIN), begin()
        steps(token, "create")
        for wrong in ('{"username":"synthetic"}', "synthetic", "[]", '"synthetic"'):
            put(wrong, LOGIN)
            said = self.refused(f'^The secret {LOGIN} is not JSON with "username" and "password".$', token, "set")
            self.assertNotIn("synthetic", said)
        put(json.dumps({**json.loads(good), "host": "database.example.org"}), LOGIN)
        self.refused(f"^The secret {LOGIN} is for another host than {DATABASE}.$", token, "set")
        store.delete_secret(SecretId=LOGIN, ForceDeleteWithoutRecovery=True)
        self.refused(f"^The secret {LOGIN}, which names who sets passwords, does not exist.$", token, "set")
        store.create_secret(Name=LOGIN, SecretString=good)
        steps(token, "set", "test", "finish")

    def test_url_that_cannot_be_read_is_not_shown(self):
        before = value()
        for wrong in (
            "postgresql://relaypacs_prod:synthetic/word@127.0.0.1/relaypacs_prod",
            "postgresql://relaypacs_prod:synthetic#word@127.0.0.1/relaypacs_prod",
            "postgresql://relaypacs_prod@127.0.0.1/relaypacs_prod",
            "mysql://relaypacs_prod:synthetic@127.0.0.1/relaypacs_prod",
            '{"password":"synthetic"}',
        ):
            put(wrong)
            said = self.refused(r"^relaypacs/prod/database-url \(AWSCURRENT\) is not a URL such as", begin(), "create")
            self.assertNotIn("synthetic", said)
        put(before)

    def test_rest_of_the_url_stays(self):
        given = "postgres://a%40b:p%2Fw@[::1]:5433/data%20base?sslmode=require&connect_timeout=3"
        database = rotate.Database(given, "it")
        self.assertEqual((database.user, database.password), ("a@b", "p/w"))
        self.assertEqual(database.place, ("::1", 5433, "data base"))
        self.assertIs(database.tls, True)
        self.assertEqual(
            database.with_login("a_b", "next"), "postgres://a_b:next@[::1]:5433/data%20base?sslmode=require&connect_timeout=3"
        )

    def test_tls_is_as_libpq_has_it(self):
        url = "postgresql://a:b@c/d?sslmode="
        modes = ("disable", "allow", "prefer", "require")
        self.assertEqual([rotate.Database(url + mode, "").tls for mode in modes], [False, None, None, True])
        self.assertIs(rotate.Database("postgresql://a:b@c/d", "").tls, None)
        full, authority = (rotate.Database(url + mode, "").tls for mode in ("verify-full", "verify-ca"))
        self.assertEqual((full.check_hostname, authority.check_hostname), (True, False))
        self.assertEqual((full.verify_mode.name, authority.verify_mode.name), ("CERT_REQUIRED", "CERT_REQUIRED"))
        with self.assertRaisesRegex(rotate.RotationError, "^it has an unknown sslmode; accepted: libpq's, as verify-full.$"):
            rotate.Database(url + "on", "it")

    def test_database_that_checks_no_password_is_found(self):
        checked = rotate.Database.accepts
        first = value()
        rotate_here()
        token = begin()
        steps(token, "create", "set")
        self.assertEqual(user(value(VersionId=token)), user(first))
        try:
            rotate.Database.accepts = lambda _: True
            self.refused(f"^The database still lets {user(first)} in by the old password.$", token, "test")
        finally:
            rotate.Database.accepts = checked
        steps(token, "test", "finish")

    def test_function_that_fails_leaves_the_current_version(self):
        before, good = value(), value(LOGIN)
        put('{"username":"relaypacs_prod_rotation","password":"synthetic"}', LOGIN)
        with self.assertRaisesRegex(Exception, "The function relaypacs-secret-rotation failed: .*28P01"):
            rotate_secret()
        self.assertEqual(value(), before)
        put(good, LOGIN)
        self.whole()

    def test_application_key(self):
        before = value(KEY)
        rotate_secret(KEY)
        self.assertNotEqual(value(KEY), before)
        self.assertRegex(value(KEY), r"^[\w-]{64}$")
        token = str(uuid.uuid4())
        put("short", KEY, ClientRequestToken=token, VersionStages=["AWSPENDING"])
        self.refused(f"^The version {token} of {KEY} is shorter than 32 characters.$", token, "set", "test", secret=KEY)

    def test_zz_no_value_was_logged(self):
        """The last, by its name."""
        self.assertTrue([line for line in logged if line.startswith(f"{DATABASE}: finishSecret of the version ")])
        passwords = set()
        for secret in (DATABASE, KEY, LOGIN):
            for version in stages(secret):
                try:
                    text = value(secret, VersionId=version)
                except store.exceptions.ResourceNotFoundException:
                    continue  # its rotation ended before the first step
                passwords.add((urlsplit(text).password if "synthetic" not in text else None) or text)
        self.assertGreater(len(passwords), 20)
        text = "\n".join(logged)
        for folder in (os.environ["LOGS"],):
            for name in os.listdir(folder):
                if os.path.isfile(os.path.join(folder, name)):
                    with open(os.path.join(folder, name), errors="replace") as file:
                        text += file.read()
        self.assertRegex(text, r"ALTER ROLE \"relaypacs_prod_b\" PASSWORD 'SCRAM-SHA-256\$4096:")
        for password in passwords:
            self.assertNotIn(password, text)


def declare():
    for secret, text in ((DATABASE, CONFIGURED), (KEY, "synthetic-key-of-at-least-32-characters")):
        store.create_secret(Name=secret, SecretString=text)
        store.rotate_secret(
            SecretId=secret,
            RotationLambdaARN=FUNCTION,
            RotationRules={"AutomaticallyAfterDays": 90},
            RotateImmediately=False,
        )


if __name__ == "__main__":
    declare()
    unittest.main(verbosity=2)
