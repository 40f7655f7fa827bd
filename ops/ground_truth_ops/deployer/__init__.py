"""The policy that lets CloudFormation deploy an environment, and no more than that."""
