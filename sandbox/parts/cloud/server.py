"""Moto as an HTTPS proxy, with the changes that the platform's resources need.

Arguments are moto_proxy's own. Certificates for the AWS host names go to CERTIFICATES, a folder; the certificate of the
authority that signs them is copied to CERTIFICATE_AUTHORITY, a file for clients to trust. NODE_FACING_ADDRESS is a second
address to listen on. Connections to REGISTRY, the host name of the image registry, go to REGISTRY_ADDRESS.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.ecr.models import Image
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.kms.exceptions import ValidationException
from moto.kms.responses import KmsResponse
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_proxy.certificate_creator import CertificateCreator
from moto.moto_proxy.proxy3 import ProxyRequestHandler
from moto.proxy import main
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend
import xmltodict


def applies(statement):
    """Whether a bucket policy's statement applies to a request over TLS, as all requests here are.

    Moto treats every statement with an unknown condition as a denial, so that the usual "deny without TLS" closes the
    bucket to everyone. A statement with any other condition is left out: Moto has neither the caller's organisation
    nor the request's headers at this point.
    """
    condition = statement.get("Condition")
    if not condition:
        return True
    if set(condition) != {"Bool"} or set(condition["Bool"]) != {"aws:SecureTransport"}:
        return False
    wanted = condition["Bool"]["aws:SecureTransport"]
    return "true" in ([wanted] if isinstance(wanted, str) else wanted)


def permission(bucket, action, resource):
    """The bucket policy's decision on an action. Replaces FakeBucket.get_permission."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy.decode())
    statements = policy["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    policy["Statement"] = [statement for statement in statements if applies(statement)]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)


def tags_of(body):
    """The tags in the request that creates a bucket, which Moto ignores."""
    if not body or b"<CreateBucketConfiguration" not in body:
        return {}
    parsed = xmltodict.parse(body, force_list={"Tag": True})
    tags = (parsed["CreateBucketConfiguration"] or {}).get("Tags") or {}
    return {tag["Key"]: tag["Value"] or "" for tag in tags.get("Tag", [])}


put_bucket = S3Response._bucket_response_put


def put_bucket_with_tags(self, request, bucket_name, querystring):
    answer = put_bucket(self, request, bucket_name, querystring)
    tags = {} if querystring else tags_of(self.body)
    if tags:
        self.backend.put_bucket_tagging(bucket_name, tags)
    return answer


def digest_of_manifest(self):
    """An image's digest, as every registry computes it. Moto hashes the digests of the layers, or keeps what is given."""
    return f"sha256:{hashlib.sha256(self.image_manifest.encode()).hexdigest()}"


def sign(self):
    """Signs a digest as it is. Moto hashes it once more."""
    if self._get_param("MessageType") != "DIGEST":
        return sign_message(self)
    digest = self._get_param("Message")
    found = self.kms_backend.describe_key(self._get_param("KeyId"))
    key = found.private_key.private_key
    if not isinstance(key, ec.EllipticCurvePrivateKey) or len(digest) != 32:
        raise ValidationException("The sandbox signs SHA-256 digests by ECC_NIST_P256 keys alone.")
    signature = key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    return json.dumps(
        {
            "KeyId": found.arn,
            "Signature": base64.b64encode(signature).decode(),
            "SigningAlgorithm": self._get_param("SigningAlgorithm"),
        }
    )


sign_message = KmsResponse.sign


connect_relay = ProxyRequestHandler.connect_relay


def relay_to_registry(self, _address):
    # Moto ends a connection after five silent seconds, and a slow registry is silent for longer.
    self.timeout = 600
    host, port = os.environ["REGISTRY_ADDRESS"].split(":")
    connect_relay(self, (host, int(port)))


# The function's archive comes as an argument and the event as input, as on AWS from a service.
CALL = """
import importlib, json, logging, sys
logging.basicConfig(level=logging.WARNING)
sys.path.insert(0, sys.argv[1])
module, name = sys.argv[2].rsplit(".", 1)
print(json.dumps(getattr(importlib.import_module(module), name)(json.load(sys.stdin), None)))
"""


def function_environment(port):
    """Where a function finds this cloud: everything but what this process itself was given."""
    proxy = f"http://127.0.0.1:{port}"
    return {
        "PATH": os.environ["PATH"],
        "HTTPS_PROXY": proxy,
        "AWS_CA_BUNDLE": os.environ["CERTIFICATE_AUTHORITY"],
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run_function(self, function_name, qualifier, body, headers, response_headers):
    """Runs a function's own code, in a process of its own, with the packages of this one. Replaces LambdaSimpleBackend.invoke."""
    function = self.get_function(function_name)
    with tempfile.TemporaryDirectory() as folder:
        archive = os.path.join(folder, "function.zip")
        with open(archive, "wb") as file:
            file.write(function.code_bytes)
        port = sys.argv[sys.argv.index("-p") + 1]
        environment = {**function_environment(port), "AWS_REGION": self.region_name, "AWS_DEFAULT_REGION": self.region_name}
        command = [sys.executable, "-c", CALL, archive, function.handler]
        ran = subprocess.run(
            command, input=body, capture_output=True, text=True, timeout=function.timeout, cwd=folder, env=environment
        )
    sys.stderr.write(ran.stderr)
    if ran.returncode != 0:
        raise InvalidRequestException(f"The function {function.function_name} failed: {ran.stderr.strip().splitlines()[-1]}")
    return ran.stdout.encode()


rotate_secret = SecretsManagerBackend.rotate_secret


def rotate_secret_as_aws(self, secret_id, client_request_token=None, rotation_lambda_arn=None, rotation_rules=None, rotate_immediately=True):
    """RotateSecret: the function of before unless another is named, and no leftover of a rotation that is complete.

    It returns when the function has ended, and fails when the function fails. Without an immediate rotation the function
    only tests what is there, as on AWS: what it finds goes to the log, and the version for the test goes away.
    """
    secret = self.secrets[secret_id] if self._is_valid_identifier(secret_id) else None
    versions = secret.versions if secret else {}
    for version in versions.values():
        if {"AWSPENDING", "AWSCURRENT"} <= set(version["version_stages"]):
            version["version_stages"].remove("AWSPENDING")
    arn = rotation_lambda_arn or (secret.rotation_lambda_arn if secret else None)
    before = set(versions)
    if rotate_immediately:
        return rotate_secret(self, secret_id, client_request_token, arn, rotation_rules, True)
    if versions:
        # The version for the test is a copy of the first value otherwise.
        secret.secret_string = versions[secret.default_version_id].get("secret_string")
    try:
        return rotate_secret(self, secret_id, client_request_token, arn, rotation_rules, False)
    except InvalidRequestException as error:
        sys.stderr.write(f"The rotation of {secret_id} was declared, and its test failed: {error.message}\n")
        return secret.to_short_dict()
    finally:
        for version in set(versions) - before:
            del versions[version]


list_secret_version_ids = SecretsManagerBackend.list_secret_version_ids


def list_versions(self, secret_id):
    """ListSecretVersionIds with the time at which each version was made. Moto answers with the present time."""
    answer = json.loads(list_secret_version_ids(self, secret_id))
    for version in answer["Versions"]:
        version["CreatedDate"] = self.secrets[secret_id].versions[version["VersionId"]]["createdate"]
    return json.dumps(answer)


update_secret_version_stage = SecretsManagerBackend.update_secret_version_stage


def update_stage(self, secret_id, version_stage, remove_from_version_id, move_to_version_id):
    """UpdateSecretVersionStage, after which a value without a version is the one of AWSCURRENT."""
    answer = update_secret_version_stage(self, secret_id, version_stage, remove_from_version_id, move_to_version_id)
    if version_stage == "AWSCURRENT" and move_to_version_id:
        self.secrets[secret_id].set_default_version_id(move_to_version_id)
    return answer


def serve_node(port):
    """Serves the cluster's node, too, which reaches this machine by another address."""
    server = ThreadingHTTPServer((os.environ["NODE_FACING_ADDRESS"], port), ProxyRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


if __name__ == "__main__":
    FakeBucket.get_permission = permission
    Image.get_image_digest = digest_of_manifest
    ProxyRequestHandler.connect_relay = relay_to_registry
    moto_api_backend.proxy_hosts_to_passthrough.add(os.environ["REGISTRY"])
    S3Response._bucket_response_put = put_bucket_with_tags
    KmsResponse.sign = sign
    # There is no Docker here.
    default_user_config["lambda"]["use_docker"] = False
    LambdaSimpleBackend.invoke = run_function
    SecretsManagerBackend.list_secret_version_ids = list_versions
    SecretsManagerBackend.rotate_secret = rotate_secret_as_aws
    SecretsManagerBackend.update_secret_version_stage = update_stage
    # The default folder is inside the installed package, which all sandboxes share; a process that ends while it writes
    # there would leave an incomplete certificate.
    template = os.path.join(CertificateCreator.certdir, "req.conf.tmpl")
    CertificateCreator.certdir = os.path.join(os.environ["CERTIFICATES"], "")
    shutil.rmtree(CertificateCreator.certdir, ignore_errors=True)
    os.makedirs(CertificateCreator.certdir)
    shutil.copy(template, CertificateCreator.certdir)
    draft = f"{os.environ['CERTIFICATE_AUTHORITY']}.{os.getpid()}"
    shutil.copy(CertificateCreator.cacert, draft)
    os.replace(draft, os.environ["CERTIFICATE_AUTHORITY"])
    host, port = (sys.argv[sys.argv.index(flag) + 1] for flag in ("-H", "-p"))
    if host != os.environ["NODE_FACING_ADDRESS"]:
        serve_node(int(port))
    main(sys.argv[1:])
