"""A broker of a cluster: TLS by an authority of one's own, and a user with a password."""

import ssl
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contracts.topics import ACCOUNTS_OBSERVED, DEAD_LETTERS
from deploy.doctor.broker import look_at_broker
from deploy.local.servers import kafka
from deploy.local.supervision.children import free_port
from libs.settings import Settings
from libs.wire.backends.address import WrongAddress, connection, servers_of
from libs.wire.provision import create_topics
from libs.wire.wire import Wire
from services.api.operations.broker import backlog, connected, disconnected
from tests.events import account_observed
from tests.topics import read_whole

USER, PASSWORD = "observatoire", "pass word"


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("a:9092", ["a:9092"]),
        ("kafka://a:9092,b:9092", ["a:9092", "b:9092"]),
        ("kafkas://u@a:9093,b:9093?ca=/x", ["a:9093", "b:9093"]),
    ],
)
def test_brokers_are_read_of_each_form(url, servers):
    assert servers_of(url) == servers


def test_a_plain_address_says_nothing_more():
    assert connection("a:9092,b:9092") == {"bootstrap_servers": ["a:9092", "b:9092"]}


@pytest.mark.parametrize(
    ("query", "said"),
    [("?ca=/nowhere/ca.pem", "ca"), ("", "password=FILE"), ("?password=/nowhere", "password")],
)
def test_a_file_that_is_missing_is_named(query, said):
    with pytest.raises(WrongAddress, match=said):
        connection(f"kafkas://u@a:9093{query}")


def test_a_user_is_said_over_tls(tmp_path: Path):
    (tmp_path / "password").write_text("secret\n")
    told = connection(f"kafkas://u@a:9093?password={tmp_path}/password")
    assert isinstance(told.pop("ssl_context"), ssl.SSLContext)
    assert told == {
        "bootstrap_servers": ["a:9093"],
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "u",
        "sasl_plain_password": "secret",
    }
    assert connection("kafkas://a:9093")["security_protocol"] == "SSL"


def certified(folder: Path) -> None:
    """Write `ca.pem`, and `broker.pem`: a key and a certificate for this machine signed by it."""
    now = datetime.now(UTC)

    def made(name: str, issuer: x509.Name | None, signer: ec.EllipticCurvePrivateKey | None):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key((signer or key).public_key()),
                False,
            )
        )
        if issuer is None:
            usage = dict.fromkeys(
                ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                 "encipher_only", "decipher_only"), False,
            )  # fmt: skip
            built = built.add_extension(
                x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage),
                True,
            )
        else:
            names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
            built = built.add_extension(names, False)
        return key, subject, built.sign(signer or key, hashes.SHA256())

    ca_key, ca, ca_certificate = made("Essai", None, None)
    key, _, certificate = made("localhost", ca, ca_key)
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca_certificate.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "broker.pem").write_bytes(private + certificate.public_bytes(pem))


@pytest.fixture
def secure_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A broker that also listens by TLS, to one user; the address for that user."""
    certified(tmp_path)
    port, plainly = free_port(), kafka.configuration

    def configuration(data: Path, plain: int, controller: int) -> dict[str, str]:
        settings = plainly(data, plain, controller)
        more = f"SECURE://localhost:{port}"
        own = "listener.name.secure"
        module = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return settings | {
            "listeners": f"{settings['listeners']},{more}",
            "advertised.listeners": f"{settings['advertised.listeners']},{more}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
            "SECURE:SASL_SSL",
            "inter.broker.listener.name": "PLAINTEXT",
            f"{own}.ssl.keystore.type": "PEM",
            f"{own}.ssl.keystore.location": str(tmp_path / "broker.pem"),
            f"{own}.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            f"{own}.scram-sha-512.sasl.jaas.config": module,
        }

    monkeypatch.setattr(kafka, "configuration", configuration)
    broker, run = kafka.Broker(tmp_path / "kafka"), subprocess.run
    user = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"

    def with_user(command: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        return run([*command, "--add-scram", user], **options)

    with monkeypatch.context() as formatting:
        formatting.setattr(kafka.subprocess, "run", with_user)
        broker.start()
    (tmp_path / "password").write_text(PASSWORD)
    try:
        yield (
            f"kafkas://{USER}@localhost:{port}?ca={tmp_path}/ca.pem&password={tmp_path}/password"
        )
    finally:
        broker.stop()


@pytest.mark.proof
@pytest.mark.timeout(120)
async def test_the_wire_speaks_to_a_broker_of_a_cluster(secure_url: str, tmp_path: Path):
    await create_topics(secure_url, "secure", [ACCOUNTS_OBSERVED, DEAD_LETTERS])
    async with Wire(secure_url, "simulation", namespace="secure") as wire:
        await wire.log.ping()
        await wire.publish(ACCOUNTS_OBSERVED, account_observed())
    assert await read_whole(secure_url, "secure", ACCOUNTS_OBSERVED) == [account_observed()]
    broker = await connected(secure_url)
    assert (await backlog(broker, "secure")).dead_letters == 0
    await disconnected(broker)
    given = Settings(installation="simulation", kafka_url=secure_url, topic_namespace="secure")
    assert "broker-password" not in {one.fault for one in await look_at_broker(given)}
    (tmp_path / "password").write_text("another")
    with pytest.raises(Exception, match=r"(?i)auth|unable to bootstrap"):
        await connected(secure_url)
    (found,) = await look_at_broker(given)
    assert (found.fault, "another" in found.says) == ("broker-password", False)
