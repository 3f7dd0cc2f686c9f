// graphql-eslint over schema.graphql: the rules of schema-recommended and schema-relay, with exceptions that have names and reasons.
import { ESLint } from "eslint";
import plugin from "@graphql-eslint/eslint-plugin";
import values from "./schema-values.mjs";

const path = new URL("../../schema.graphql", import.meta.url).pathname;
const rules = {
  ...plugin.configs["flat/schema-recommended"].rules,
  ...plugin.configs["flat/schema-relay"].rules,
  // The library makes connections and edges; what they connect is said at the field.
  "@graphql-eslint/require-description": [
    "error",
    {
      ...plugin.configs["flat/schema-recommended"].rules["@graphql-eslint/require-description"][1],
      ignoredSelectors: ["ObjectTypeDefinition[name.value=/(Connection|Edge)$/]"],
    },
  ],
  // Short lists that can never grow long (a viewer's sessions, user errors) are plain lists.
  "@graphql-eslint/relay-edge-types": [
    "error",
    { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
  ],
  // Values without an identity of their own; everything else has an id. Connections, edges and PageInfo are Relay's.
  "@graphql-eslint/strict-id-in-types": [
    "error",
    {
      acceptedIdNames: ["id"],
      acceptedIdTypes: ["ID"],
      exceptions: {
        types: Object.keys(values),
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
