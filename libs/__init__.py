"""What several services do alike, once; knows no service."""
