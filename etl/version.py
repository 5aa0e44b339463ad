"""The version of this project, where both the build and `cables --version` read it."""

__version__ = "0.1.0"
