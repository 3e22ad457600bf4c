"""What should be so: the facts of a look go in, what to do and why comes out. Pure, all of it."""
