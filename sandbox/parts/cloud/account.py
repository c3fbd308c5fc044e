"""account.py FUNCTION: creates what a real account has before the platform is deployed.

That is the Lambda function that rotates secrets, with its role. It exists and answers, but runs nothing.
"""

import io
import json
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


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("rotate.py"), "def handler(event, context):\n    pass\n")
    return buffer.getvalue()


def main(name):
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
