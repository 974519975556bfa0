"""Constructs: each owns one kind of resource and the rules that come with it."""
