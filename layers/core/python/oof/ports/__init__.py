"""What the use cases need from the world, as Protocols; `memory` holds their in-memory twins."""
