#!/usr/bin/env bash
# Moto names the error of a moved immutable tag in ECR by another name than AWS's own model has.
#
# Guess: a client that handles ImageTagAlreadyExistsException, as PutImage documents it for repositories with immutable
# tags, can be tested against Moto.
# Seen with moto 5.2.5: putting another image under a tag of such a repository raises ImageAlreadyExistsException.
# AWS's model has both for PutImage: one for the same digest and tag, one for a tag that may not
# move.
# What follows: code that treats "this very image is already there" as success would take a refused tag for it under Moto.
# Source: moto, ecr/models.py, put_image; botocore's model of ECR.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check 'moto[ecr]==5.2.5' boto3==1.43.56
cat > program.py <<'END'
import json
import boto3
from moto import mock_aws

def manifest(letter):
    blob = lambda kind: {"mediaType": f"application/vnd.oci.image.{kind}", "size": 2, "digest": "sha256:" + letter * 64}
    return json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                       "config": blob("config.v1+json"), "layers": [blob("layer.v1.tar")]})

with mock_aws():
    ecr = boto3.client("ecr", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    ecr.create_repository(repositoryName="sample", imageTagMutability="IMMUTABLE")
    put = lambda letter: ecr.put_image(repositoryName="sample", imageTag="v1", imageManifest=manifest(letter))
    put("a")
    model = ecr.meta.service_model.operation_model("PutImage")
    names = sorted(error.name for error in model.error_shapes if "AlreadyExists" in error.name)
    print("AWS's model:", ", ".join(names))
    try:
        put("b")
    except ecr.exceptions.ClientError as error:
        print("Moto:", error.response["Error"]["Code"], "-", error.response["Error"]["Message"])
END
env/bin/python program.py | tee out
grep --quiet "^AWS's model: .*ImageTagAlreadyExistsException" out || { echo "changed: AWS's model"; exit 1; }
grep --quiet "^Moto: ImageAlreadyExistsException" out || { echo "changed: Moto's name of the error"; exit 1; }
