"""The embedded AWS under local AWS: how it is run, what it lacks, what services may ask of it."""
