"""`gt demo`: the whole loop on this machine, from `cdk deploy` to nothing left."""
