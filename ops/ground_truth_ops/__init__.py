"""What people run after a deployment."""
