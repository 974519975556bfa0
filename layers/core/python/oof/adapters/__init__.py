"""The vendors, one folder each."""
