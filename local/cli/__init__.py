"""`./oof …`: the command line for people."""
