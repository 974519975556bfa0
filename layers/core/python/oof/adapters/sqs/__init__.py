"""Wake-ups and hand-overs by SQS."""
