"""REST on top of the graph: each operation is a row in a table and a GraphQL document that looks like the answer."""
