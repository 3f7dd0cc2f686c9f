// Compares docs/released.graphql, the schema of the last release, with schema.graphql: prints what is new and what is risky, and fails on
// what breaks a client. What was deprecated at the release may go once the date in its reason has come. docs/schema-changes.md is the policy.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  buildASTSchema,
  findBreakingChanges,
  findDangerousChanges,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isIntrospectionType,
  parse,
  visit,
} from "graphql";

const DATE = /\d{4}-\d{2}-\d{2}/;
const build = (document) => buildASTSchema(document, { assumeValidSDL: true, assumeValid: true });
const fieldsOf = (type) => (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : []);

/** Every element by its coordinate (`Type.field(argument:)`), with the reason if it is deprecated. */
function elements(schema) {
  const all = new Map();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    all.set(type.name, undefined);
    for (const value of isEnumType(type) ? type.getValues() : []) all.set(`${type.name}.${value.name}`, value.deprecationReason);
    for (const field of fieldsOf(type)) {
      all.set(`${type.name}.${field.name}`, field.deprecationReason);
      for (const arg of field.args ?? []) all.set(`${type.name}.${field.name}(${arg.name}:)`, arg.deprecationReason);
    }
  }
  for (const directive of schema.getDirectives()) {
    if (isSpecifiedDirective(directive)) continue;
    all.set(`@${directive.name}`, undefined);
    for (const arg of directive.args) all.set(`@${directive.name}(${arg.name}:)`, arg.deprecationReason);
  }
  return all;
}

/** The released schema without what may go by `today`, and without the types that only that led to. */
function owed(document, today) {
  const drop = (node) => {
    const mark = node.directives?.find(({ name }) => name.value === "deprecated");
    const date = DATE.exec(mark?.arguments[0]?.value.value)?.[0];
    return date && date <= today ? null : undefined;
  };
  const kept = visit(document, { FieldDefinition: drop, InputValueDefinition: drop, EnumValueDefinition: drop });
  const schema = build(kept);
  const reached = new Set();
  const reach = (type) => {
    if (!type || reached.has(type.name)) return;
    reached.add(type.name);
    if (isAbstractType(type)) schema.getPossibleTypes(type).forEach(reach);
    for (const to of type.getInterfaces?.() ?? []) reach(to);
    for (const field of fieldsOf(type)) [field, ...(field.args ?? [])].forEach((part) => reach(getNamedType(part.type)));
  };
  [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].forEach(reach);
  for (const directive of schema.getDirectives()) directive.args.forEach((arg) => reach(getNamedType(arg.type)));
  const definitions = kept.definitions.filter(({ name }) => !schema.getType(name?.value) || reached.has(name.value));
  return build({ ...kept, definitions });
}

function compare(released, current, today) {
  const [old, now] = [parse(released), parse(current)];
  const [before, after] = [elements(build(old)), elements(build(now))];
  const reasons = [...after].filter(([, reason]) => reason !== undefined);
  return {
    breaking: findBreakingChanges(owed(old, today), build(now)).map(({ description }) => description),
    dangerous: findDangerousChanges(build(old), build(now)).map(({ description }) => description),
    added: [...after.keys()].filter((name) => !before.has(name)),
    deprecated: reasons.filter(([name]) => before.get(name) === undefined).map(([name, reason]) => `${name}: ${reason}`),
    undated: reasons.filter(([, reason]) => !DATE.test(reason)).map(([name]) => name),
  };
}

// What would pass everything proves nothing.
function selfTest() {
  const today = "2027-06-01";
  const schema = (field, more = "") => `type Query { a: Int! ${field} } ${more}`;
  const breaks = (from, to) => compare(from, to, today).breaking.length > 0;
  const old = (reason) => schema(`b(c: Int): B @deprecated(reason: "${reason}")`, "type B { c: Int }");
  assert(breaks(old("Use `a`."), schema("")), "gone without a date");
  assert(breaks(old("Use `a`. Gone from 2027-06-02."), schema("")), "gone too early");
  assert(!breaks(old("Use `a`. Gone from 2027-06-01."), schema("")), "gone in time, and its type with it");
  assert(breaks(schema("b: B", "type B { c: Int }"), schema("")), "gone without notice");
  assert(breaks(schema("b: Int!"), schema("b: Int")), "may be null now");
  assert(breaks(schema("b: Int"), schema("b(c: Int!): Int")), "needs an argument now");
  assert(breaks(schema("b: E", "enum E { C D }"), schema("b: E", "enum E { C }")), "a value gone");
  assert(!breaks(schema(""), schema("b: B", "type B { c: Int }")), "something new");
  assert.deepEqual(compare(schema(""), schema("b: B", "type B { c: Int }"), today).added, ["Query.b", "B", "B.c"]);
  assert.deepEqual(compare(schema(""), old("Use `a`."), today).undated, ["Query.b"]);
}

selfTest();
const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const today = new Date().toISOString().slice(0, 10);
const changes = compare(read("docs/released.graphql"), read("schema.graphql"), today);
for (const [kind, lines] of Object.entries(changes)) for (const line of lines) console.log(`${kind}: ${line}`);
console.log(Object.entries(changes).map(([kind, lines]) => `${lines.length} ${kind}`).join(", "));
process.exitCode = changes.breaking.length || changes.undated.length ? 1 : 0;
