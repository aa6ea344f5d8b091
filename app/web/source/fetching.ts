// Requests to the graph: over HTTP, subscriptions over a WebSocket.
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import { credentials } from './token';

const URL_HTTP = new URL('/graphql', location.href).href;
const URL_SOCKET = URL_HTTP.replace(/^http/, 'ws');

export function fetching(token: string): Fetcher {
  const connectionParams = credentials(token);
  const wsClient = createClient({ url: URL_SOCKET, connectionParams });
  return createGraphiQLFetcher({ url: URL_HTTP, headers: connectionParams, wsClient });
}

export interface Person {
  username: string;
}

// Who asks with this token. Throws the reason why it can't be told.
export async function viewer(token: string): Promise<Person | null> {
  const response = await fetch(URL_HTTP, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...credentials(token) },
    body: JSON.stringify({ query: 'query Viewer { viewer { username } }' }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data.viewer;
}
