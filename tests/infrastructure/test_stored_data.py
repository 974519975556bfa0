"""Stored data: encrypted, recoverable, and not deleted by a deployment."""

from oof.adapters.s3.blobs import COLD
from tests.infrastructure.assembly import Assembly, flatten


def test_the_hot_table_recovers_and_expires(assembly: Assembly) -> None:
    """Any second of the last weeks can be restored, and items go at their time."""
    [table] = assembly.find("AWS::DynamoDB::Table")

    properties = table.properties
    assert properties["TableName"] == f"oof-{assembly.stage}-hot"
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }
    assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"]


def test_the_bucket_is_private_encrypted_and_versioned(assembly: Assembly) -> None:
    """Nobody outside reads it, an overwritten pack comes back, run state and inboxes expire."""
    [bucket] = assembly.find("AWS::S3::Bucket")
    [policy] = assembly.find("AWS::S3::BucketPolicy")

    assert flatten(bucket.properties["BucketName"]).startswith(f"oof-{assembly.stage}-facts")
    assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket.properties["BucketEncryption"]
    assert bucket.properties["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = bucket.properties["LifecycleConfiguration"]["Rules"]
    expiring = {r["Prefix"]: r["ExpirationInDays"] for r in rules if "ExpirationInDays" in r}
    assert expiring == {"runs/": 7, "inbox/": 16}
    [denied] = policy.properties["PolicyDocument"]["Statement"]
    assert (denied["Effect"], denied["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_tagged_packs_move_to_storage_that_answers_at_once(assembly: Assembly) -> None:
    """The rule and the code that tags an object mean the same tag."""
    [bucket] = assembly.find("AWS::S3::Bucket")
    rules = bucket.properties["LifecycleConfiguration"]["Rules"]

    [cooling] = [rule for rule in rules if "Transitions" in rule]

    assert cooling["Prefix"] == "packs/"
    assert cooling["TagFilters"] == [COLD]
    assert [each["StorageClass"] for each in cooling["Transitions"]] == ["GLACIER_IR"]


def test_production_keeps_what_it_stored(prod: Assembly) -> None:
    """Deleting a stack deletes no table, bucket or secret, and leaves the cluster's snapshot."""
    policies = {
        "AWS::DynamoDB::Table": "Retain",
        "AWS::S3::Bucket": "Retain",
        "AWS::RDS::DBCluster": "Snapshot",
    }
    for kind, policy in policies.items():
        [resource] = prod.find(kind)
        assert resource.body["DeletionPolicy"] == policy
        assert resource.body["UpdateReplacePolicy"] == policy
    [table] = prod.find("AWS::DynamoDB::Table")
    assert table.properties["DeletionProtectionEnabled"] is True


def test_stored_data_keeps_its_logical_names(prod: Assembly) -> None:
    """Under another name CloudFormation would make an empty one, and part with the full one."""
    names = {
        kind: [resource.logical_id for resource in prod.find(kind)]
        for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::RDS::DBCluster")
    }

    assert names == {
        "AWS::DynamoDB::Table": ["Hot659A85A5"],
        "AWS::S3::Bucket": ["FactsA5EA939F"],
        "AWS::RDS::DBCluster": ["DatabaseCluster5B53A178"],
    }


def test_postgres_is_encrypted_small_and_backed_up(prod: Assembly) -> None:
    """Aurora Serverless v2 from half a unit, encrypted, five weeks of backups, deletion refused."""
    [cluster] = prod.find("AWS::RDS::DBCluster")

    properties = cluster.properties
    assert properties["Engine"] == "aurora-postgresql"
    assert properties["ServerlessV2ScalingConfiguration"]["MinCapacity"] == 0.5
    assert properties["StorageEncrypted"] is True
    assert properties["DeletionProtection"] is True
    assert properties["BackupRetentionPeriod"] == 35
    for instance in prod.find("AWS::RDS::DBInstance"):
        assert instance.properties["PubliclyAccessible"] is False
        assert instance.properties["DBInstanceClass"] == "db.serverless"


def test_functions_reach_postgres_by_the_proxy(prod: Assembly) -> None:
    """The proxy speaks TLS alone, and is the host that functions are told."""
    [proxy] = prod.find("AWS::RDS::DBProxy")

    assert proxy.properties["RequireTLS"] is True
    for name, function in prod.functions().items():
        variables = function.properties["Environment"]["Variables"]
        if "OOF_DATABASE_SECRET_ARN" in variables:
            host = prod.target(function.stack, variables["OOF_DATABASE_HOST"])
            assert host[:2] == proxy[:2], name


def test_no_security_group_rule_is_made_twice(prod: Assembly) -> None:
    """EC2 refuses a rule that it has: the same port between the same groups, once."""
    [cluster] = prod.find("AWS::RDS::DBCluster")
    assert cluster.properties["Port"] == 5432
    for direction in ("Ingress", "Egress"):
        rules = [
            (
                flatten(rule.properties["GroupId"]),
                flatten(
                    rule.properties.get("SourceSecurityGroupId")
                    or rule.properties["DestinationSecurityGroupId"]
                ),
                _port(rule.properties["FromPort"]),
            )
            for rule in prod.find(f"AWS::EC2::SecurityGroup{direction}")
        ]
        assert rules
        assert len(rules) == len(set(rules))


def _port(value: object) -> int:
    """A rule's port; one that is the cluster's is Postgres's."""
    return value if isinstance(value, int) else 5432
