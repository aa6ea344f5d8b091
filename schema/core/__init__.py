"""What every type of the graph is made of: declarations, loaders, connections, filters, nodes, errors, limits."""
