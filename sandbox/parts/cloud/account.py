"""account.py FUNCTION: creates what a real account has before the platform is deployed.

That is the Lambda function that rotates secrets (templates/rotation), with its role, and the secrets that it reads: from
standard input comes a JSON object of their values by name.
"""

import io
import json
import pathlib
import sys
import zipfile

import boto3



def trust(account):
    """Lambda takes the role for functions of this account only."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }


CODE = pathlib.Path(__file__).parents[3] / "templates" / "rotation" / "rotate.py"


def archive():
    """The function without its packages, which this machine has."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("rotate.py"), CODE.read_text())
    return buffer.getvalue()


def store(values):
    secrets = boto3.client("secretsmanager")
    for name, value in values.items():
        try:
            secrets.create_secret(Name=name, SecretString=json.dumps(value))
        except secrets.exceptions.ResourceExistsException:
            secrets.put_secret_value(SecretId=name, SecretString=json.dumps(value))


def main(name):
    store(json.load(sys.stdin))
    functions, iam = boto3.client("lambda"), boto3.client("iam")
    try:
        functions.get_function(FunctionName=name)
        return
    except functions.exceptions.ResourceNotFoundException:
        pass
    account = boto3.client("sts").get_caller_identity()["Account"]
    try:
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust(account)))
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName=name)
    functions.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="rotate.handler",
        Timeout=30,
        Code={"ZipFile": archive()},
    )
    functions.add_permission(
        FunctionName=name,
        StatementId="secrets-manager",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
        SourceAccount=account,
    )


if __name__ == "__main__":
    main(sys.argv[1])
