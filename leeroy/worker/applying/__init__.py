"""Do what was decided: at Jenkins, on GitHub, in our own store, and by telling people."""
