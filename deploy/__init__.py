"""What puts the observatory on machines: one machine from wheels, compose, Kubernetes."""
