// The page: who asks, and GraphiQL with the explorer and the history.
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { HISTORY_PLUGIN } from '@graphiql/plugin-history';
import { GraphiQL } from 'graphiql';
import { useMemo, useState } from 'react';
import { Access, isSomebody, useAsker } from './access';
import { fetching } from './fetching';
import { TABS } from './tabs';
import { keepToken, keptToken } from './token';

const PLUGINS = [HISTORY_PLUGIN, explorerPlugin()];

export function Explorer() {
  const [token, setToken] = useState(keptToken);
  const asker = useAsker(token);
  const fetcher = useMemo(() => fetching(token), [token]);

  function changeToken(changed: string): void {
    keepToken(changed);
    setToken(changed);
  }

  return (
    <>
      <Access asker={asker} token={token} onToken={changeToken} />
      <GraphiQL
        fetcher={fetcher}
        schema={isSomebody(asker) ? undefined : null} // strangers are not told the schema: it is not asked for
        plugins={PLUGINS}
        defaultTabs={TABS}
        isHeadersEditorEnabled={false} // the history would keep a token that is typed there
        showPersistHeadersSettings={false}
      />
    </>
  );
}
