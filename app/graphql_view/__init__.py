"""GraphQL over HTTP: the endpoint `/graphql`."""
