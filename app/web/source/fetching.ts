// Requests to the graph: over HTTP, subscriptions over a WebSocket.
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { type DocumentNode, Kind, parse } from 'graphql';
import { createClient } from 'graphql-ws';
import { credentials } from './token';

const URL_HTTP = new URL('/graphql', location.href).href;
const URL_SOCKET = URL_HTTP.replace(/^http/, 'ws');

export function fetching(token: string): Fetcher {
  const connectionParams = credentials(token);
  const wsClient = createClient({ url: URL_SOCKET, connectionParams });
  const fetcher = createGraphiQLFetcher({ url: URL_HTTP, headers: connectionParams, wsClient });
  return (asked, options) => {
    const documentAST = parsed(asked.query);
    if (!documentAST) return fetcher(asked, options); // the server says what is wrong
    return fetcher({ ...asked, operationName: only(documentAST) ?? asked.operationName }, { ...options, documentAST });
  };
}

function parsed(query: string): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined;
  }
}

// The name of a document's only operation. GraphiQL may still have that of the tab before in mind.
function only(document: DocumentNode): string | undefined {
  const operations = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  return operations.length === 1 ? operations[0]?.name?.value : undefined;
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
