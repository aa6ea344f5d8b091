"""The business: packages of one shape, in an order in which a later one may use an earlier one, never the reverse."""
