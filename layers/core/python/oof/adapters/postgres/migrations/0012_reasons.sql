-- Two more reasons to list a wallet's newest end.

COMMENT ON COLUMN wanted_listings.reason IS
    '0 named by a webhook and listed before it is live, 1 moved, 2 missing body, 3 outage, 4 audit, '
    '5 polled because it moves too much for a webhook. The lower goes first.';
