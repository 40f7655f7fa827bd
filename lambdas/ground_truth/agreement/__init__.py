"""How far people agree, whatever they were asked for; with the standard library alone."""
