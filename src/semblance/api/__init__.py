"""The HTTP API for programs, documented by its own OpenAPI document."""
