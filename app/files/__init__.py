"""The bytes of files, kept by their SHA-256 in an object store."""
