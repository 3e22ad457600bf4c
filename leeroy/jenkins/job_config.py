"""What a job checks out, as its ``config.xml`` has it; Jenkins' API does not tell.

https://plugins.jenkins.io/git/ (branch specifier)
"""

import re
from collections.abc import Collection
from xml.etree.ElementTree import ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

#: Jenkins says 1.1 here, which Python's parser does not read.
_DECLARATION = re.compile(rb"\A\s*<\?xml[^>]*\?>")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


def parse_specifiers(said: bytes) -> tuple[str, ...] | None:
    """What Git is to check out, one for each branch specifier; None: the job itself uses no Git.

    A pipeline's Jenkinsfile says what it checks out, wherever that file comes from.

    >>> parse_specifiers(b'''<?xml version='1.1' encoding='UTF-8'?><project><scm
    ...   class="hudson.plugins.git.GitSCM"><branches><hudson.plugins.git.BranchSpec>
    ...   <name>*/main</name></hudson.plugins.git.BranchSpec></branches></scm></project>''')
    ('*/main',)
    >>> parse_specifiers(b'<project><scm class="hudson.scm.NullSCM"/></project>') is None
    True

    Raises:
        ValueError: it is no XML, or more than a job's configuration would be.
    """
    try:
        root = ElementTree.fromstring(_DECLARATION.sub(b"", said))
    except (ParseError, DefusedXmlException) as exc:
        raise ValueError(f"no config.xml: {exc}") from exc
    found = [
        (name.text or "").strip()
        for scm in root.iter("scm")
        for name in scm.iterfind("branches/*/name")
    ]
    is_pipeline = root.tag == "flow-definition"
    return None if is_pipeline or not found else tuple(found)


def uses_any(specifiers: Collection[str], parameters: Collection[str]) -> bool:
    """One of these parameters decides what is checked out.

    >>> uses_any(["${GIT_SHA1}"], ["GIT_SHA1"]), uses_any(["*/main"], ["GIT_SHA1"])
    (True, False)
    """
    return any(
        name in parameters for specifier in specifiers for name in _VARIABLE.findall(specifier)
    )
