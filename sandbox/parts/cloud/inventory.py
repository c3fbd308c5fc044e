"""Prints every resource that the platform could have created in the account, as JSON: kind, name, description.

Secret values are left out; their version ids represent them. Keys that wait for their deletion count as deleted.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

clients = {
    name: boto3.client(name, config=Config(max_pool_connections=8))
    for name in ("ecr", "events", "iam", "kms", "lambda", "logs", "s3", "secretsmanager", "sns", "sqs")
}


def pages(service, operation, key, **arguments):
    client = clients[service]
    if not client.can_paginate(operation):
        return getattr(client, operation)(**arguments).get(key, [])
    return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page.get(key, [])]


# Errors with which services report a missing setting.
ABSENT = re.compile("NoSuch|NotFound|OwnershipControlsNotFound|ServerSideEncryptionConfigurationNotFound")


def details(service, **operations):
    """Responses of several operations by their names; those about missing settings are left out."""
    found = {}
    for operation, arguments in operations.items():
        try:
            answer = getattr(clients[service], operation)(**arguments)
        except ClientError as error:
            if not ABSENT.search(error.response["Error"]["Code"]):
                raise
            continue
        for passing in ("ResponseMetadata", "lastEvaluatedAt"):
            answer.pop(passing, None)
        if answer:
            found[operation] = answer
    return found


def buckets():
    for bucket in pages("s3", "list_buckets", "Buckets"):
        name = {"Bucket": bucket["Name"]}
        kinds = ("versioning", "encryption", "policy", "lifecycle_configuration", "logging", "ownership_controls",
                 "tagging", "acl", "notification_configuration", "cors")
        found = details("s3", **{f"get_bucket_{kind}": name for kind in kinds},
                        get_object_lock_configuration=name, get_public_access_block=name)
        versions = clients["s3"].get_paginator("list_object_versions").paginate(**name)
        found["objects"] = [
            {key: version.get(key) for key in ("Key", "VersionId", "ETag", "IsLatest")}
            for page in versions for kind in ("Versions", "DeleteMarkers") for version in page.get(kind, [])
        ]
        yield bucket["Name"], found


def repositories():
    for repository in pages("ecr", "describe_repositories", "repositories"):
        name = {"repositoryName": repository["repositoryName"]}
        found = details("ecr", get_lifecycle_policy=name, get_repository_policy=name,
                        list_tags_for_resource={"resourceArn": repository["repositoryArn"]})
        images = pages("ecr", "list_images", "imageIds", **name)
        yield repository["repositoryName"], {**repository, **found, "images": images}


def keys():
    for key in pages("kms", "list_keys", "Keys"):
        name = {"KeyId": key["KeyId"]}
        found = details("kms", describe_key=name, get_key_policy={**name, "PolicyName": "default"},
                        list_resource_tags=name)
        if found["describe_key"]["KeyMetadata"]["KeyState"] == "PendingDeletion":
            continue
        if found["describe_key"]["KeyMetadata"]["KeySpec"] == "SYMMETRIC_DEFAULT":
            found.update(details("kms", get_key_rotation_status=name))
        yield key["KeyId"], found


def aliases():
    for alias in pages("kms", "list_aliases", "Aliases"):
        # AWS's own always exist.
        if not alias["AliasName"].startswith("alias/aws/"):
            yield alias["AliasName"], alias


def secrets():
    for secret in pages("secretsmanager", "list_secrets", "SecretList"):
        name = {"SecretId": secret["ARN"]}
        yield secret["Name"], details("secretsmanager", describe_secret=name, get_resource_policy=name)


def roles():
    for role in pages("iam", "list_roles", "Roles"):
        name = {"RoleName": role["RoleName"]}
        inline = pages("iam", "list_role_policies", "PolicyNames", **name)
        yield role["RoleName"], {
            **details("iam", get_role=name),
            "attached": pages("iam", "list_attached_role_policies", "AttachedPolicies", **name),
            "inline": {policy: details("iam", get_role_policy={**name, "PolicyName": policy}) for policy in inline},
        }


def providers():
    for provider in pages("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList"):
        arn = {"OpenIDConnectProviderArn": provider["Arn"]}
        yield provider["Arn"], details("iam", get_open_id_connect_provider=arn)


def functions():
    for function in pages("lambda", "list_functions", "Functions"):
        name = {"FunctionName": function["FunctionName"]}
        yield function["FunctionName"], {**function, **details("lambda", get_policy=name)}


def listed(service, operation, key, name, **arguments):
    """A kind whose list has complete descriptions."""
    def read():
        for item in pages(service, operation, key, **arguments):
            yield (item, {}) if isinstance(item, str) else (item[name], item)
    return read


KINDS = {
    "ecr.repository": repositories,
    "events.rule": listed("events", "list_rules", "Rules", "Name"),
    "iam.group": listed("iam", "list_groups", "Groups", "GroupName"),
    "iam.instanceProfile": listed("iam", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    "iam.openIdConnectProvider": providers,
    "iam.policy": listed("iam", "list_policies", "Policies", "PolicyName", Scope="Local"),
    "iam.role": roles,
    "iam.user": listed("iam", "list_users", "Users", "UserName"),
    "kms.alias": aliases,
    "kms.key": keys,
    "lambda.function": functions,
    "logs.logGroup": listed("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "s3.bucket": buckets,
    "secretsmanager.secret": secrets,
    "sns.topic": listed("sns", "list_topics", "Topics", "TopicArn"),
    "sqs.queue": listed("sqs", "list_queues", "QueueUrls", None),
}

if __name__ == "__main__":
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda read: dict(read()), KINDS.values())
        print(json.dumps(dict(zip(KINDS, found)), indent=2, sort_keys=True, default=str))
