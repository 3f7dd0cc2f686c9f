#!/bin/sh
# Builds graphiql.js and graphiql.css, which are committed, from the packages named in package.json.
# Needs node and npm; works in a temporary folder and changes only this one. Usage: assets/graphiql/build.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/entry.js" "$work/"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund

# react-style-singleton writes <style> elements, which our Content-Security-Policy forbids; it only locks scrolling behind dialogs.
cat > no-style.js <<'JS'
export const styleSingleton = () => () => null;
export const styleHookSingleton = () => () => undefined;
export const stylesheetSingleton = () => ({ add() {}, remove() {} });
JS
./node_modules/.bin/esbuild entry.js --bundle --minify --format=esm --target=es2020 --charset=utf8 --legal-comments=none \
  --define:process.env.NODE_ENV='"production"' --alias:react-style-singleton=./no-style.js \
  --metafile=meta.json --outfile=graphiql.js

node > graphiql.css <<'JS'
// Fonts and small pictures are data: addresses, which the policy forbids too: system fonts, and underlines alone, instead.
const fs = require("fs");
const css = fs.readFileSync("node_modules/graphiql/graphiql.min.css", "utf8").replace(/@font-face\s*\{[^}]*\}/g, "");
process.stdout.write(css.replace(/url\("?data:[^)]*\)/g, "none").replace(/"?Roboto"?\s*,/g, "system-ui,").replace(/"?Fira Code"?\s*,/g, "ui-monospace,"));
JS

node > LICENSES.md <<'JS'
const fs = require("fs");
const used = new Map();
for (const file of Object.keys(JSON.parse(fs.readFileSync("meta.json")).inputs)) {
  const found = file.match(/^(.*node_modules\/((?:@[^/]+\/)?[^/]+))\//);
  if (!found || used.has(found[1])) continue;
  const about = JSON.parse(fs.readFileSync(`${found[1]}/package.json`));
  const text = fs.readdirSync(found[1]).find((name) => /^(licen[cs]e|copying)/i.test(name));
  used.set(found[1], { name: about.name, version: about.version, licence: about.license ?? "see text", text: text ? fs.readFileSync(`${found[1]}/${text}`, "utf8").trim() : "" });
}
const list = [...used.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
const line = (text) => (text.match(/^.*copyright\s+(\(c\)|©|\d).*$/im) ?? [""])[0].trim();
console.log(`# GraphiQL and what it is bundled with

\`graphiql.js\` and \`graphiql.css\` are built by \`build.sh\` from these packages of the npm registry, unchanged except that
fonts and injected style elements are left out.

| package | version | licence | copyright |
|---|---|---|---|
${list.map((p) => `| ${p.name} | ${p.version} | ${p.licence} | ${line(p.text).replace(/\|/g, "\\|")} |`).join("\n")}

## Texts
`);
const texts = new Map();
for (const p of list) if (p.text) texts.set(p.text, [...(texts.get(p.text) ?? []), p.name]);
for (const [text, names] of texts) console.log(`### ${names.join(", ")}\n\n\`\`\`\n${text}\n\`\`\`\n`);
JS
cp graphiql.js graphiql.css LICENSES.md "$here/"
ls -l "$here/graphiql.js" "$here/graphiql.css"
