"""What Leeroy wants, one concern a file. Each rule takes the facts and the decision so far, and
returns the decision with its own part added; none knows another."""
