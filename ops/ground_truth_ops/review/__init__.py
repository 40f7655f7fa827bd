"""What a change will do, read from two revisions of the project: no cloud credentials."""
