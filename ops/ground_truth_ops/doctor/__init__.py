"""`gt doctor`: looks at an environment before, during and after a deployment; changes nothing."""
