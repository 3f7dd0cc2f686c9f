// graphql-eslint over schema.graphql: the rules of schema-recommended and schema-relay, with exceptions that have names and reasons.
import { readFileSync } from "node:fs";
import { ESLint } from "eslint";
import plugin from "@graphql-eslint/eslint-plugin";

const path = new URL("../../schema.graphql", import.meta.url).pathname;
const rules = {
  ...plugin.configs["flat/schema-recommended"].rules,
  ...plugin.configs["flat/schema-relay"].rules,
  // Values without an identity of their own; everything else has an id. Connections, edges and PageInfo are Relay's.
  "@graphql-eslint/strict-id-in-types": [
    "error",
    {
      acceptedIdNames: ["id"],
      acceptedIdTypes: ["ID"],
      exceptions: {
        types: JSON.parse(readFileSync(new URL("schema-values.json", import.meta.url))),
        suffixes: ["Payload", "Connection", "Edge"],
      },
    },
  ],
};
const eslint = new ESLint({
  cwd: "/",
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: ["**/*.graphql"],
      plugins: { "@graphql-eslint": plugin },
      languageOptions: { parser: plugin.parser, parserOptions: { graphQLConfig: { schema: path } } },
      rules,
    },
  ],
});
const results = await eslint.lintFiles([path]);
const problems = results.flatMap((result) => result.messages);
for (const problem of problems) console.log(`schema.graphql:${problem.line}: ${problem.message} (${problem.ruleId})`);
console.log(`${problems.length} problems, ${Object.keys(rules).length} rules`);
process.exitCode = problems.length ? 1 : 0;
