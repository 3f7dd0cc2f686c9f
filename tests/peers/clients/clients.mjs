// The compilers of four clients over schema.graphql as it is: what a frontend team does first must work without a patch. The operations of
// each role are in creator.graphql, brand.graphql and admin.graphql; Relay's own directives in relay/. Everything made lands in out/.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { generate } from "@graphql-codegen/cli";
import { buildSchema, isInterfaceType, isUnionType, Kind, parse, print, visit } from "graphql";

process.chdir(import.meta.dirname);
const schema = "../../../schema.graphql";
const scalars = { Date: "string", DateTime: "string", Long: "number", Decimal: "number" };
const roles = ["creator", "brand", "admin"];
const files = roles.map((role) => `${role}.graphql`);

const bin = async (name, ...args) => {
  try {
    return await promisify(execFile)(`node_modules/.bin/${name}`, args);
  } catch ({ stdout, stderr }) {
    throw new Error(`${name} ${args.join(" ")}\n${stdout}${stderr}`);
  }
};

/** Each definition of a file, with the names of the fragments that it spreads. */
function definitions(file) {
  return parse(readFileSync(file, "utf8")).definitions.map((definition) => {
    const spreads = new Set();
    visit(definition, { [Kind.FRAGMENT_SPREAD]: ({ name }) => void spreads.add(name.value) });
    return { name: definition.name.value, text: print(definition), spreads: [...spreads] };
  });
}

async function codegen() {
  await generate(
    {
      schema,
      documents: files,
      silent: true,
      generates: {
        "out/codegen/": { preset: "client", config: { strictScalars: true, scalars, useTypeImports: true, enumsAsTypes: true } },
        "out/possible-types.json": { plugins: ["fragment-matcher"], config: { apolloClientVersion: 3 } },
      },
    },
    true,
  );
  const { possibleTypes } = JSON.parse(readFileSync("out/possible-types.json"));
  const built = buildSchema(readFileSync(schema, "utf8"));
  const abstract = Object.values(built.getTypeMap()).filter((type) => isInterfaceType(type) || isUnionType(type));
  for (const type of abstract) {
    assert.deepEqual([...possibleTypes[type.name]].sort(), built.getPossibleTypes(type).map(({ name }) => name).sort());
  }
}

// Relay would have `@alias` at spreads that may not match, which no other client knows; relay/ has it.
async function relay() {
  mkdirSync("out/relay/__generated__", { recursive: true });
  copyFileSync("relay/Conversation.ts", "out/relay/Conversation.ts");
  for (const role of roles) {
    const texts = definitions(`${role}.graphql`).map(({ name, text }) => `export const ${name} = graphql\`\n${text}\n\`;\n`);
    writeFileSync(`out/relay/${role}.ts`, `import { graphql } from "relay-runtime";\n${texts.join("")}`);
  }
  await bin("relay-compiler", "relay.config.json");
}

async function tada() {
  mkdirSync("out/tada", { recursive: true });
  writeFileSync(
    "out/tada/graphql.ts",
    `import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./env";
export const graphql = initGraphQLTada<{ introspection: introspection; scalars: { Date: string; DateTime: string; Long: number; Decimal: number } }>();
`,
  );
  for (const role of roles) {
    const left = definitions(`${role}.graphql`);
    const texts = [];
    // Fragments before those who spread them.
    while (left.length) {
      const at = left.findIndex(({ spreads }) => !left.some(({ name }) => spreads.includes(name)));
      const [{ name, text, spreads }] = left.splice(at, 1);
      texts.push(`export const ${name} = graphql(\`\n${text}\n\`, [${spreads.join(", ")}]);\n`);
    }
    writeFileSync(`out/tada/${role}.ts`, `import { graphql } from "./graphql";\n${texts.join("")}`);
  }
  await bin("gql.tada", "generate-output", "-c", "tsconfig.tada.json");
  await bin("gql.tada", "check", "-c", "tsconfig.tada.json", "--fail-on-warn");
}

rmSync("out", { recursive: true, force: true });
mkdirSync("out");
for (const [name, run] of Object.entries({ codegen, relay, tada, "what they made, in strict TypeScript": () => bin("tsc") })) {
  const start = performance.now();
  await run();
  console.log(`${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
}
