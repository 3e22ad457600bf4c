"""A Jenkins that behaves on the wire as Jenkins does; start reading at `jenkins.Jenkins`."""

from leeroy_sandbox.jenkins.access import EVERYTHING, ORDINARY, Permission
from leeroy_sandbox.jenkins.builds import Build, Result, Revision
from leeroy_sandbox.jenkins.jenkins import Jenkins
from leeroy_sandbox.jenkins.jobs import Endpoint, Format, Head, Job, Kind
from leeroy_sandbox.jenkins.parameters import Boolean, Choice, Password, String, Text
from leeroy_sandbox.jenkins.payload import Phase
from leeroy_sandbox.jenkins.queue import Item, State
from leeroy_sandbox.jenkins.reports import TestReport
from leeroy_sandbox.jenkins.starting import Stage, Start

__all__ = [
    "EVERYTHING",
    "ORDINARY",
    "Boolean",
    "Build",
    "Choice",
    "Endpoint",
    "Format",
    "Head",
    "Item",
    "Jenkins",
    "Job",
    "Kind",
    "Password",
    "Permission",
    "Phase",
    "Result",
    "Revision",
    "Stage",
    "Start",
    "State",
    "String",
    "TestReport",
    "Text",
]
