"""The golden wallet: four years of one trader over markets of its own, made from a seed."""
