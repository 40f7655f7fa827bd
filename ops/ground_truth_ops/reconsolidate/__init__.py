"""`gt reconsolidate`: labels anew from all answers of a campaign, beside the old ones."""
