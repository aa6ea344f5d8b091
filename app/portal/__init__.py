"""The way in for people: the landing page, and the OpenAPI documents as pages."""
