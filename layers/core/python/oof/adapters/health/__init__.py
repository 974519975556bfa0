"""Looks at each dependency that cost next to nothing."""
