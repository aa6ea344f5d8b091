// Prints what graphql-ws is told, an event a line: address, token, query, variables as JSON, how many events.

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token, query, variables, count] = process.argv.slice(2);
const client = createClient({ url, webSocketImpl: WebSocket, connectionParams: { Authorization: `Bearer ${token}` } });
let heard = 0;
for await (const event of client.iterate({ query, variables: JSON.parse(variables) })) {
  console.log(JSON.stringify(event));
  heard += 1;
  if (heard === Number(count)) break;
}
await client.dispose();
