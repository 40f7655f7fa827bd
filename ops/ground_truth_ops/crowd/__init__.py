"""`gt quality`: how far people agree, who can be relied on, and what they mix up."""
