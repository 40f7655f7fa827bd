"""Single labels and label sets of a whole job at once; needs numpy, which no function has."""
