"""The public HTTP API: routes translate, use cases decide."""
