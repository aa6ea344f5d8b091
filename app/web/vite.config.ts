// Everything becomes a file of this site: texts that are turned into data: URIs would be refused by the page's policy.
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/graphiql/',
  logLevel: 'warn',
  build: {
    outDir: 'built',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 3000, // kB: the editor
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: { keepNames: true }, // icons are called by the names of their functions
      onLog(level, log, tell) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') tell(level, log); // "use client": all of this is for clients
      },
    },
  },
});
