"""What CloudFormation asks of the role it acts as, resource type by resource type.

A reading of its own: of the API reference and the service authorization reference of each service
(which call makes which property true, and which ARN it is authorized on) and of what the types'
schemas in the CloudFormation registry name under `handlers`. It knows nothing of the project's
own deployer policy, so that the two can contradict each other.
"""
