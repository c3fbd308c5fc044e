#!/usr/bin/env bash
# Moto gives out a secret's version of before, after AWSCURRENT has moved.
#
# Guess: GetSecretValue without a version returns the one with the stage AWSCURRENT, as AWS documents it, so a rotation
# function's last step, which moves that stage with UpdateSecretVersionStage, can be tested against Moto.
# Seen with moto 5.2.5: DescribeSecret shows the stage on the new version, and so does GetSecretValue with
# VersionStage=AWSCURRENT; without a version or a stage, GetSecretValue still returns the old one.
# What follows: ask by stage or by version id, or put the new version with AWSCURRENT at once.
# Source: moto, secretsmanager/models.py, update_secret_version_stage does not change default_version_id.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check 'moto[secretsmanager]==5.2.5' boto3==1.43.56
cat > program.py <<'END'
import boto3
from moto import mock_aws

with mock_aws():
    store = boto3.client("secretsmanager", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    secret = {"SecretId": "sample"}
    old = store.create_secret(Name="sample", SecretString="old")["VersionId"]
    new = store.put_secret_value(**secret, SecretString="new", VersionStages=["AWSPENDING"])["VersionId"]
    store.update_secret_version_stage(**secret, VersionStage="AWSCURRENT", MoveToVersionId=new, RemoveFromVersionId=old)
    stages = store.describe_secret(**secret)["VersionIdsToStages"]
    print("stage on the new version:", "AWSCURRENT" in stages[new])
    print("by stage:", store.get_secret_value(**secret, VersionStage="AWSCURRENT")["SecretString"])
    print("by id:", store.get_secret_value(**secret, VersionId=new)["SecretString"])
    print("without either:", store.get_secret_value(**secret)["SecretString"])
END
env/bin/python program.py | tee out
for line in "stage on the new version: True" "by stage: new" "by id: new" "without either: old"; do
    grep --quiet --line-regexp "$line" out || { echo "changed: $line"; exit 1; }
done
