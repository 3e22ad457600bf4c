"""A look at every open pull request: finds what deliveries missed."""
