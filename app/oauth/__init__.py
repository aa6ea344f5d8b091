"""OAuth 2 and the product's one sign-in."""
