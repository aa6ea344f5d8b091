// The first tabs: the documents in `tabs`, in the order of their names, with the variables that lie beside them.
const documents = import.meta.glob<string>('../tabs/*.graphql', { eager: true, query: '?raw', import: 'default' });
const variables = import.meta.glob<string>('../tabs/*.json', { eager: true, query: '?raw', import: 'default' });

export const TABS = Object.entries(documents)
  .sort(([one], [other]) => one.localeCompare(other))
  .map(([path, query]) => ({ query, variables: variables[path.replace('.graphql', '.json')] ?? null }));
