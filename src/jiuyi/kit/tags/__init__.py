"""The parts, grouped by what they are for; ``templatetags.kit`` puts them into one library."""
