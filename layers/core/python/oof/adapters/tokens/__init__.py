"""Those who know what tokens are called."""
