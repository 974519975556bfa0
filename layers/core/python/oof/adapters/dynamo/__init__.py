"""Snapshots, jobs, work and limits in DynamoDB."""
