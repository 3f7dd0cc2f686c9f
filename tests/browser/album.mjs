// Writes index.html beside the screenshots of the browser tests, to look through them: grouped by role and page, a phone and a desk in both
// languages and themes side by side. `node tests/browser/album.mjs FOLDER`; fails where one of a page's eight pictures is missing.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2] ?? "target/screenshots";
const LANGUAGES = ["ja", "en"], WIDTHS = ["360", "1280"], THEMES = ["light", "dark"];
const files = new Set(readdirSync(folder));
const pages = new Map();
for (const file of files) {
  const [, role, page] = /^([a-z]+)-(.+)_[a-z]+_\d+_[a-z]+\.png$/.exec(file) ?? [];
  if (role) pages.set(`${role}-${page}`, { role, page });
}

const weights = [];
const missing = [];
const weight = (name, language) => {
  const file = `${name}_${language}.bytes`;
  if (!files.has(file)) return "";
  const bytes = Number(readFileSync(join(folder, file), "utf8"));
  weights.push({ name, language, bytes });
  return `${language} ${(bytes / 1000).toFixed(1)} kB`;
};
const picture = (name, language, width, theme) => {
  const file = `${name}_${language}_${width}_${theme}.png`;
  if (!files.has(file)) missing.push(file);
  return `<a href="${file}"><img class="w${width}" loading="lazy" src="${file}" alt="${file}"></a>`;
};
const part = ([name, { page }]) => {
  const weighs = LANGUAGES.map((language) => weight(name, language)).filter(Boolean).join(", ");
  const rows = WIDTHS.map((width) => {
    const pictures = LANGUAGES.flatMap((language) => THEMES.map((theme) => picture(name, language, width, theme)));
    return `<div class="row">${pictures.join("")}</div>`;
  });
  return `<section id="${name}"><h3>${page}</h3>${weighs && `<p>First load: ${weighs}</p>`}${rows.join("")}</section>`;
};

const sorted = [...pages].sort(([one], [other]) => one.localeCompare(other));
const roles = [...new Set(sorted.map(([, { role }]) => role))];
const of = (role) => sorted.filter(([, page]) => page.role === role);
const contents = roles.map((role) => `<li>${role}: ${of(role).map(([name, { page }]) => `<a href="#${name}">${page}</a>`).join(" · ")}</li>`);
const body = roles.map((role) => `<h2>${role}</h2>${of(role).map(part).join("")}`);
writeFileSync(
  join(folder, "index.html"),
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page of Hibiki</title>
<style>
body { font: 1rem/1.6 system-ui, sans-serif; margin: 1.5rem; color: #1c1f3a; background: #dedacf }
h2 { margin-top: 3rem; text-transform: capitalize } h3 { margin: 2rem 0 .25rem } p { margin: 0 0 .5rem; font-size: .875rem }
.row { display: flex; gap: .75rem; align-items: flex-start; margin-bottom: .75rem; overflow-x: auto }
img { display: block; box-shadow: 0 1px 4px rgb(0 0 0 / .3) } .w360 { width: 22.5rem } .w1280 { width: 40rem }
</style>
<h1>Every page of Hibiki</h1>
<p>${pages.size} pages; each in Japanese and English, light and dark, at 360 and 1280 pixels. A picture opens in full.</p>
<ul>${contents.join("")}</ul>${body.join("")}</html>
`,
);

const heaviest = weights.sort((one, other) => other.bytes - one.bytes)[0];
console.log(`${pages.size} pages in ${join(folder, "index.html")}`);
if (heaviest) console.log(`the heaviest first load of ${weights.length}: ${heaviest.bytes} bytes, ${heaviest.name} in ${heaviest.language}`);
if (missing.length || !pages.size) {
  console.error(`missing:\n${missing.join("\n")}`);
  process.exitCode = 1;
}
