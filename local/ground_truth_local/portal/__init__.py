"""The worker portal of local AWS: sign in, take a task, answer it in a sandboxed frame, submit."""
