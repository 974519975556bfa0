"""Packs, inboxes and run state in S3."""
