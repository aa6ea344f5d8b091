"""The graph served beside other GraphQL servers and hand-written endpoints, on the same data, by HTTP."""
