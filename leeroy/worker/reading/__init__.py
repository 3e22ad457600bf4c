"""Read what is so: the beginning of a look, and then what the rules ask for."""
