"""What people have answered, out of the output bucket or an export of it, one file at a time."""
