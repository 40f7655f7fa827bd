"""The Ground Truth domain: pure, standard library only, imports neither boto3 nor aws_cdk."""
