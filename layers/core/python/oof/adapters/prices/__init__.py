"""Those who sell prices."""
