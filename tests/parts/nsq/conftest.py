"""Every test here runs on the stand-in, and on a real nsqd where one is named."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from leeroy_sandbox.nsqd import Lookupd
from leeroy_sandbox.nsqd.either import (
    AnNsqd,
    Flags,
    Real,
    RealLookupd,
    StandIn,
    why_no_real_one,
)
from tests.parts.nsq.certificate import Certificate


@pytest.fixture(params=["stand-in", "real"])
def is_real(request: pytest.FixtureRequest) -> bool:
    """Which of the two is tried."""
    if request.param == "real" and (why := why_no_real_one()):
        pytest.skip(why)
    return bool(request.param == "real")


@pytest.fixture
def make_nsqd(is_real: bool, tmp_path: Path) -> Iterator[Callable[..., AnNsqd]]:
    """An nsqd with these flags, which is up."""
    with ExitStack() as stack:

        def make(lookupd: Any = None, **flags: Any) -> AnNsqd:
            made: AnNsqd
            if is_real:
                folder = tmp_path / f"nsqd-{len(list(tmp_path.iterdir()))}"
                folder.mkdir()
                made = Real(Flags(**flags), folder, lookupd)
            else:
                made = StandIn(Flags(**flags), lookupd)
            made.start()
            stack.callback(made.kill)
            return made

        yield make


@pytest.fixture
def lookupd(is_real: bool) -> Iterator[Any]:
    """An nsqlookupd."""
    if not is_real:
        with Lookupd() as stand_in:
            yield stand_in
        return
    real = RealLookupd()
    yield real
    real.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate of 127.0.0.1."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here to make a certificate with")
    return Certificate.make(tmp_path_factory.mktemp("tls"))
