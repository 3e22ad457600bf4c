"""A certificate of 127.0.0.1, made anew."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from leeroy_sandbox.nsqd.either import KeyPair


@dataclass(frozen=True, kw_only=True)
class Certificate(KeyPair):
    """Signed by itself, and for whoever trusts it."""

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        """A new one; needs openssl."""
        made = cls(key=folder / "key.pem", cert=folder / "cert.pem")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec"),
                *("-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
                *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
                *("-keyout", str(made.key), "-out", str(made.cert)),
            ],
            check=True,
            capture_output=True,
        )
        return made

    def for_client(self) -> ssl.SSLContext:
        """What a client that trusts it goes by."""
        return ssl.create_default_context(cafile=str(self.cert))
