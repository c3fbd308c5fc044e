"""Moto as an HTTPS proxy, with four changes that the platform's resources need.

Arguments are moto_proxy's own. Certificates for the AWS host names go to CERTIFICATES, a folder; the certificate of the
authority that signs them is copied to CERTIFICATE_AUTHORITY, a file that clients can be pointed to.
"""

import json
import os
import shutil
import sys

from moto.core.config import default_user_config
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.moto_proxy.certificate_creator import CertificateCreator
from moto.proxy import main
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response
import xmltodict


def applies(statement):
    """Whether a bucket policy's statement says something about a request that came over TLS, as all do here.

    Moto takes every statement whose condition it does not know for a denial, so that the usual "deny without TLS"
    closes the bucket to everyone. A statement with any other condition is left out: Moto knows neither the caller's
    organisation nor the request's headers at this place.
    """
    condition = statement.get("Condition")
    if not condition:
        return True
    if set(condition) != {"Bool"} or set(condition["Bool"]) != {"aws:SecureTransport"}:
        return False
    wanted = condition["Bool"]["aws:SecureTransport"]
    return "true" in ([wanted] if isinstance(wanted, str) else wanted)


def permission(bucket, action, resource):
    """What the bucket's policy says about an action, in place of FakeBucket.get_permission."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy.decode())
    statements = policy["Statement"]
    if isinstance(statements, dict):
        statements = [statements]
    policy["Statement"] = [statement for statement in statements if applies(statement)]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)


def tags_of(body):
    """The tags that a new bucket is given with its creation, which Moto passes over."""
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


if __name__ == "__main__":
    FakeBucket.get_permission = permission
    S3Response._bucket_response_put = put_bucket_with_tags
    # Functions exist and answer, but run nothing: there is no Docker here.
    default_user_config["lambda"]["use_docker"] = False
    # The default folder is inside the installed package, which all sandboxes share; a process that ends while it writes
    # there would leave half a certificate behind.
    template = os.path.join(CertificateCreator.certdir, "req.conf.tmpl")
    CertificateCreator.certdir = os.path.join(os.environ["CERTIFICATES"], "")
    shutil.rmtree(CertificateCreator.certdir, ignore_errors=True)
    os.makedirs(CertificateCreator.certdir)
    shutil.copy(template, CertificateCreator.certdir)
    draft = f"{os.environ['CERTIFICATE_AUTHORITY']}.{os.getpid()}"
    shutil.copy(CertificateCreator.cacert, draft)
    os.replace(draft, os.environ["CERTIFICATE_AUTHORITY"])
    main(sys.argv[1:])
