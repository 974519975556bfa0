"""One file a program: its ids, its source, what it names. `registry` lists them all."""
