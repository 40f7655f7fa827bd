"""Speed and memory, always as a ratio measured side by side in one run."""
