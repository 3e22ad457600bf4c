"""The JSON web token by which an app says who it is: RS256, ten minutes at most.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
"""

import base64
import hashlib
import hmac
import json
from typing import Any

#: GitHub takes no assertion that holds for longer.
LONGEST_SECONDS = 600
#: How a SHA-256 digest begins in a signature: https://www.rfc-editor.org/rfc/rfc8017#section-9.2
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")

#: The modulus and the exponent of an RSA key.
PublicKey = tuple[int, int]


class BadAssertion(Exception):
    """GitHub says 401, with this message."""

    def __init__(self, message: str = "A JSON web token could not be decoded") -> None:
        super().__init__(message)


def read_claims(text: str) -> dict[str, Any]:
    """What an assertion says, believed by nobody yet; raises `BadAssertion`."""
    try:
        header, claims = (json.loads(_decoded(part)) for part in text.split(".")[:2])
    except ValueError:
        raise BadAssertion from None
    if text.count(".") != 2 or not isinstance(claims, dict) or header.get("alg") != "RS256":
        raise BadAssertion
    return claims


def check_assertion(text: str, key: PublicKey | None, now: int) -> None:
    """Raise `BadAssertion` unless the key signed it and it holds now; without a key all signed."""
    claims = read_claims(text)
    if key is not None and not _is_signed(text, key):
        raise BadAssertion
    expires, issued = claims.get("exp"), claims.get("iat")
    if not isinstance(expires, int) or expires <= now:
        raise BadAssertion(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time "
            "at which the assertion expires"
        )
    if expires > now + LONGEST_SECONDS:
        raise BadAssertion("'Expiration time' claim ('exp') is too far in the future")
    if not isinstance(issued, int) or issued > now:
        raise BadAssertion(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion "
            "was issued"
        )


def _is_signed(text: str, key: PublicKey) -> bool:
    modulus, exponent = key
    size = (modulus.bit_length() + 7) // 8
    said, _, signature = text.rpartition(".")
    try:
        given = _decoded(signature)
    except ValueError:
        return False
    ending = b"\x00" + _SHA256 + hashlib.sha256(said.encode()).digest()
    expected = b"\x00\x01".ljust(size - len(ending), b"\xff") + ending
    found = pow(int.from_bytes(given), exponent, modulus).to_bytes(size)
    return len(given) == size and hmac.compare_digest(found, expected)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
