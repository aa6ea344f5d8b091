// Generates TypeScript for documents with GraphQL Code Generator's plugins: schema, documents, file to write.

import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as documentNodes from '@graphql-codegen/typed-document-node';
import * as types from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';

const [schema, documents, output] = process.argv.slice(2);
const scalars = { BigInt: 'number', DateTime: 'string', JSON: 'unknown', Base64: 'string' };
const text = await codegen({
  filename: output,
  schema: parse(readFileSync(schema, 'utf8')),
  documents: [{ location: documents, document: parse(readFileSync(documents, 'utf8')) }],
  config: { strictScalars: true, scalars, useTypeImports: true },
  plugins: [{ types: {} }, { operations: {} }, { documentNodes: {} }],
  pluginMap: { types, operations, documentNodes },
});
writeFileSync(output, text);
