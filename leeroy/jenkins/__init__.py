"""Jenkins' remote API, over python-jenkins: one method for each thing asked; facts out.

Start reading at :mod:`leeroy.jenkins.client`.
"""

from leeroy.jenkins.client import Jenkins
from leeroy.jenkins.wire import JenkinsConnection

__all__ = ["Jenkins", "JenkinsConnection"]
