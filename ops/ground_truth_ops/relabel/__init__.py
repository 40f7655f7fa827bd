"""`gt relabel`: says which objects have no label, and has the next deployment ask for them."""
