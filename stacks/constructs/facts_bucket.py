"""The bucket of facts: packs of raw bodies, large webhook bodies, what passes between steps."""

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.acknowledge import accept
from stacks.functions import Capability, Catalog, Grant, Provision

# Run state passes between steps of one execution; a large webhook body waits as long as its
# message may (14 days), and a little longer.
EXPIRY_DAYS = {"runs/": 7, "inbox/": 16}
COLD_TAG = {"tier": "cold"}
"""As `oof.adapters.s3.blobs` writes it."""
FOLDERS = {
    Capability.PACKS_READ: ("s3:GetObject", "packs/*"),
    Capability.PACKS_WRITE: ("s3:PutObject", "packs/*"),
    Capability.PACKS_DELETE: ("s3:DeleteObject", "packs/*"),
    Capability.PACKS_COOL: ("s3:PutObjectTagging", "packs/*"),
    Capability.DICTIONARIES_READ: ("s3:GetObject", "dictionaries/*"),
    Capability.DICTIONARIES_WRITE: ("s3:PutObject", "dictionaries/*"),
    Capability.INBOX_READ: ("s3:GetObject", "inbox/*"),
    Capability.INBOX_WRITE: ("s3:PutObject", "inbox/*"),
    Capability.RUNS_READ: ("s3:GetObject", "runs/*"),
    Capability.RUNS_WRITE: ("s3:PutObject", "runs/*"),
}


class FactsBucket(Construct):
    """Packs for ever (an overwritten or merged one for a month), run state and inboxes for days."""

    def __init__(
        self, scope: Construct, *, name: str, has_account: bool, removal_policy: RemovalPolicy
    ) -> None:
        super().__init__(scope, "Facts")
        self._name = f"{name}-{Aws.ACCOUNT_ID}" if has_account else name
        expiries = [
            s3.LifecycleRule(
                prefix=prefix,
                expiration=Duration.days(days),
                noncurrent_version_expiration=Duration.days(1),
            )
            for prefix, days in EXPIRY_DAYS.items()
        ]
        self._bucket = s3.Bucket(
            self,
            "Default",
            bucket_name=self._name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            versioned=True,
            removal_policy=removal_policy,
            lifecycle_rules=[
                *expiries,
                # What the nightly job has tagged moves within a day, and is still read at once.
                s3.LifecycleRule(
                    prefix="packs/",
                    tag_filters=dict(COLD_TAG),
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
                            transition_after=Duration.days(1),
                        )
                    ],
                ),
                s3.LifecycleRule(
                    noncurrent_version_expiration=Duration.days(30),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
            ],
        )
        accept(self, "S1", "functions of the stage alone reach it; CloudTrail can say who did")

    def offer(self, catalog: Catalog) -> None:
        """Reading and writing the bucket, folder by folder."""
        environment = {"OOF_FACTS_BUCKET": self._bucket.bucket_name}
        for capability, (action, keys) in FOLDERS.items():
            catalog.offer(
                capability,
                Provision(
                    environment=environment,
                    grants=(Grant(actions=(action,), resources=(self._objects(keys),)),),
                    accepted_findings={
                        self._finding(keys): "one folder: no object is known by name"
                    },
                ),
            )
        # Without it S3 answers 403, not 404, for an object that is not there.
        listing = Grant(actions=("s3:ListBucket",), resources=(self._bucket.bucket_arn,))
        catalog.offer(Capability.BUCKET_LIST, Provision(environment=environment, grants=(listing,)))

    def _objects(self, keys: str) -> str:
        """The objects of a folder, by a name that reads the same in every stack."""
        return f"arn:{Aws.PARTITION}:s3:::{self._name}/{keys}"

    def _finding(self, keys: str) -> str:
        """The rule's finding over those objects, in the rule's own words."""
        name = self._name.replace(Aws.ACCOUNT_ID, "<AWS::AccountId>")
        return f"IAM5[Resource::arn:<AWS::Partition>:s3:::{name}/{keys}]"
