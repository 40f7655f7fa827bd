"""The embedded AWS under local AWS: what it is told, what it lacks, and what our services may ask of it."""
