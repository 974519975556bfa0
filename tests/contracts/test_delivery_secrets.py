"""The contract of `DeliverySecrets`, held by its memory twin and by Secrets Manager."""

import json
from uuid import uuid4

import boto3
import pytest

from oof.adapters.secretsmanager.delivery_secrets import SecretsManagerDeliverySecrets
from oof.domain.errors import StoreUnavailable
from oof.domain.rotation import DeliverySecret, Phase
from oof.domain.units import UnixSeconds
from oof.entrypoints.webhook import Secrets
from oof.ports.memory.webhooks import MemoryDeliverySecrets
from tests.support.local_aws import CREDENTIALS

BORN = DeliverySecret(accepted=("old",))
SWITCHED = DeliverySecret(
    accepted=("new", "old"), phase=Phase.SWITCHED, since=UnixSeconds(1_770_000_000)
)


@pytest.fixture
def manager(dynamo):
    """A client of the session's local AWS."""
    return boto3.client(
        "secretsmanager",
        endpoint_url=dynamo.endpoint,
        region_name=dynamo.region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def made(manager, document):
    """A secret that holds this."""
    name = f"webhook-{uuid4().hex[:8]}"
    return manager.create_secret(Name=name, SecretString=json.dumps(document))["ARN"]


@pytest.fixture(params=["memory", "aws"])
def secrets(request):
    """Each implementation, holding one value."""
    if request.param == "memory":
        return MemoryDeliverySecrets(BORN)
    manager = request.getfixturevalue("manager")
    arn = made(manager, {"authorization": ["old"], "hmac": ["relay"]})
    return SecretsManagerDeliverySecrets(manager, arn)


def test_what_was_written_is_read(secrets):
    """Through a whole rotation."""
    assert secrets.read() == BORN

    secrets.write(SWITCHED)
    assert secrets.read() == SWITCHED

    secrets.write(DeliverySecret(accepted=("new",)))
    assert secrets.read() == DeliverySecret(accepted=("new",))


def test_receivers_read_what_a_rotation_wrote(manager):
    """Both values are accepted, and keys of relays are left alone."""
    arn = made(manager, {"authorization": ["old"], "hmac": ["relay"]})

    SecretsManagerDeliverySecrets(manager, arn).write(SWITCHED)

    text = manager.get_secret_value(SecretId=arn)["SecretString"]
    assert Secrets.parse(text) == Secrets(("new", "old"), ("relay",))


@pytest.mark.parametrize("held", [None, [], "", [None, ""]])
def test_a_stage_is_born_without_a_value(manager, held):
    """However that is written."""
    secrets = SecretsManagerDeliverySecrets(manager, made(manager, {"authorization": held}))

    assert secrets.read() == DeliverySecret(accepted=())


def test_one_value_may_stand_without_a_list(manager):
    """An operator wrote it by hand."""
    secrets = SecretsManagerDeliverySecrets(manager, made(manager, {"authorization": "old"}))

    assert secrets.read() == BORN


def test_a_secret_that_is_not_there_is_a_fault_that_passes(manager):
    """Nothing is put without knowing what receivers accept."""
    secrets = SecretsManagerDeliverySecrets(manager, "nothing-of-that-name")

    with pytest.raises(StoreUnavailable):
        secrets.read()
    with pytest.raises(StoreUnavailable):
        secrets.write(SWITCHED)
