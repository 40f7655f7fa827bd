"""Lambda functions: one thin file each; aws.py holds the only boto3."""
