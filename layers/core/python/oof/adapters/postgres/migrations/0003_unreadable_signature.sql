-- Whether a listed signature's body was already found unreadable (asked at every lease).
CREATE INDEX unreadable_signature ON unreadable (signature) WHERE signature IS NOT NULL;
