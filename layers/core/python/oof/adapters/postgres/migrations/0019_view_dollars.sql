-- Views are valued as stored positions are.

COMMENT ON COLUMN view_positions.dollars IS
    'As positions.usd, and how many exits the method could not rank the lots of (fallbacks).';
