// Makes the table of device models that the Z-Wave driver is built with out of the npm package @zwave-js/config.
// Usage: node device-database.js FILE           writes it
//        node device-database.js --check FILE   says whether FILE is what would be written
// The form of the table is described where it is read: drivers/zwave/src/device_database/table.rs.
"use strict";
const { readFileSync, readdirSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join, resolve } = require("node:path");
const { deflateRawSync, inflateRawSync } = require("node:zlib");

const inside = createRequire(require.resolve("zwave-js"));
const besideConfig = createRequire(inside.resolve("@zwave-js/config"));
const JSON5 = besideConfig("json5");
const { CommandClasses } = inside("@zwave-js/core");
const packageFile = besideConfig.resolve("@zwave-js/config/package.json");
const { version } = JSON.parse(readFileSync(packageFile, "utf8"));
const config = join(dirname(packageFile), "config");
const devicesFolder = join(config, "devices");

const FORMAT = "hearth-zwave-devices 1";
// What is unpacked to look one model up. Larger blocks pack better and take longer.
const BLOCK_BYTES = 96 * 1024;

// --- Files: JSON with comments, in which `$import` stands for the properties of another place.

const files = new Map();
function readFile(file) {
  if (!files.has(file)) files.set(file, JSON5.parse(readFileSync(file, "utf8")));
  return files.get(file);
}

function select(object, selector) {
  for (const part of selector.split("/").filter((part) => part !== "")) {
    const parameter = Array.isArray(object) && object.find((item) => item["#"] === part);
    if (parameter) {
      const { "#": _, ...rest } = parameter;
      object = rest;
    } else {
      object = object[part];
    }
  }
  return object;
}

function imported(specifier, file) {
  const [name, selector = ""] = specifier.split("#");
  let target = file;
  if (name.startsWith("~/")) target = join(devicesFolder, name.slice(2));
  else if (name !== "") target = resolve(dirname(file), name);
  return withImports(select(readFile(target), selector), target);
}

function withImports(value, file) {
  if (Array.isArray(value)) return value.map((item) => withImports(item, file));
  if (typeof value !== "object" || value === null) return value;
  const result = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === "$import") Object.assign(result, imported(item, file));
    else result[key] = withImports(item, file);
  }
  return result;
}

// --- Conditions: alternatives, each of comparisons that all hold.

const SUBJECTS = { firmwareVersion: "firmware", productType: "productType", productId: "product", sdkVersion: "sdk" };

function comparison(text) {
  const match = /^(\w+) (===|!==|<=|>=|<|>) (0x[0-9a-f]+|[\d.]+)$/.exec(text.trim());
  if (!match || !(match[1] in SUBJECTS)) throw new Error(`a condition that is not understood: ${text}`);
  const [, subject, operator, operand] = match;
  return [SUBJECTS[subject], operator, subject.startsWith("product") ? [Number(operand)] : versionOf(operand)];
}

function versionOf(text) {
  const parts = text.split(".").map(Number);
  while (parts.length < 3) parts.push(0);
  if (parts.length > 3 || !parts.every((part) => part >= 0 && part <= 255)) throw new Error(`no version: ${text}`);
  return parts;
}

function condition(definition) {
  const text = definition.$if;
  return text === undefined ? undefined : text.split("||").map((all) => all.split("&&").map(comparison));
}

// A list of alternatives, of which the first whose condition holds counts.
function alternatives(definition, convert) {
  if (definition === undefined) return undefined;
  const list = Array.isArray(definition) ? definition : [definition];
  return list.map((item) => ({ when: condition(item), ...convert(item) }));
}

const texts = (definition) =>
  typeof definition === "string" ? definition : alternatives(definition, (item) => ({ text: item.value ?? item }));

// --- One model.

function parameter(definition) {
  const [, number, , mask] = /^(\d+)(\[(0x[0-9a-f]+)\])?$/.exec(definition["#"]);
  let { minValue: minimum, maxValue: maximum } = definition;
  const ranges = definition.allowed?.map((item) => item.range ?? [item.value, item.value]);
  if (ranges) {
    minimum = Math.min(...ranges.map((range) => range[0]));
    maximum = Math.max(...ranges.map((range) => range[1]));
  }
  return {
    number: Number(number),
    mask: mask === undefined ? undefined : Number(mask),
    when: condition(definition),
    label: definition.label,
    description: definition.description,
    size: definition.valueSize,
    minimum,
    maximum,
    default: definition.defaultValue,
    unit: definition.unit,
    unsigned: definition.unsigned || undefined,
    readOnly: definition.readOnly,
    writeOnly: definition.writeOnly,
    onlyOptions: definition.allowManualEntry === false || undefined,
    options: definition.options?.map((option) => ({ value: option.value, label: option.label, when: condition(option) })),
    hidden: definition.hidden || undefined,
  };
}

function groups(endpoint, associations = {}) {
  return Object.entries(associations).flatMap(([group, definition]) =>
    alternatives(definition, (item) => ({
      endpoint: endpoint || undefined,
      group: Number(group),
      label: item.label,
      most: item.maxNodes,
      lifeline: item.isLifeline || undefined,
      multiChannel: item.multiChannel === "auto" ? undefined : item.multiChannel,
    })),
  );
}

function classNumber(name) {
  const number = CommandClasses[name] ?? Number(name);
  if (!(number >= 0)) throw new Error(`an unknown command class: ${name}`);
  return number;
}

// One number or several; what is something else is told by nobody yet.
const numbers = (result) => [result].flat().filter((item) => typeof item === "number");

const everywhere = (numbers) => (numbers === "*" ? [] : numbers);

// What of compat is not taken over as it is.
const COMPAT = {
  commandClasses: ({ add = {}, remove = {} }) => ({
    addClasses: Object.entries(add).flatMap(([name, { endpoints, ...root }]) =>
      Object.entries(endpoints ?? { 0: root }).map(([endpoint, facts]) => ({
        class: classNumber(name),
        endpoint: Number(endpoint),
        ...facts,
      })),
    ),
    removeClasses: Object.entries(remove).map(([name, { endpoints }]) => ({
      class: classNumber(name),
      endpoints: everywhere(endpoints),
    })),
  }),
  preserveEndpoints: (numbers) => ({ preserveEndpoints: everywhere(numbers) }),
  removeEndpoints: (numbers) => ({ removeEndpoints: everywhere(numbers) }),
  alarmMapping: (rows) => ({
    alarmMapping: rows.map(({ from, to }) => ({
      alarmType: from.alarmType,
      alarmLevel: from.alarmLevel,
      notificationType: to.notificationType,
      event: to.notificationEvent,
      parameters: to.eventParameters,
    })),
  }),
  overrideQueries: (classes) => ({
    overrideQueries: Object.entries(classes).flatMap(([name, queries]) =>
      queries.map(({ endpoint, method, matchArgs, result }) => ({
        class: classNumber(name),
        endpoint,
        method,
        arguments: matchArgs,
        result: numbers(result),
      })),
    ),
  }),
  mapBasicReport: (meaning) => ({ mapBasicReport: meaning || "report" }),
  queryOnWakeup: (queries) => ({
    queryOnWakeup: queries.map(([name, method, ...rest]) => ({ class: classNumber(name), method, arguments: rest })),
  }),
  $if: () => ({}),
};

function compat(definition) {
  const parts = Object.entries(definition).map(([key, value]) => COMPAT[key]?.(value) ?? { [key]: value });
  return Object.assign({}, ...parts);
}

function model(definition) {
  const { metadata = {}, endpoints = {} } = definition;
  const perEndpoint = Object.entries(endpoints);
  return {
    manufacturer: texts(definition.manufacturer),
    label: texts(definition.label),
    description: texts(definition.description),
    parameters: definition.paramInformation?.map(parameter),
    endpointLabels: Object.fromEntries(perEndpoint.filter(([, it]) => it.label).map(([number, it]) => [number, it.label])),
    groups: [
      ...groups(0, definition.associations),
      ...perEndpoint.flatMap(([number, it]) => groups(Number(number), it.associations)),
    ],
    inclusion: texts(metadata.inclusion),
    exclusion: texts(metadata.exclusion),
    reset: texts(metadata.reset),
    wakeUp: texts(metadata.wakeup),
    compat: alternatives(definition.compat, compat),
  };
}

// --- The table.

// What says nothing is left out.
function line(object) {
  const isEmpty = (value) => typeof value === "object" && value !== null && Object.keys(value).length === 0;
  const top = Object.entries(object).filter(([, value]) => !isEmpty(value));
  return JSON.stringify(Object.fromEntries(top));
}

function filesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "templates" ? [] : filesBelow(path);
    return entry.name.endsWith(".json") && dirname(path) !== devicesFolder ? [path] : [];
  });
}

function manufacturers() {
  const names = JSON5.parse(readFileSync(join(config, "manufacturers.json"), "utf8"));
  return Object.entries(names).map(([id, name]) => `${id.slice(2)} ${name}`).sort().join("\n");
}

function make() {
  const blocks = [manufacturers()];
  const fingerprints = [];
  let lines = [];
  let bytes = 0;
  const finishBlock = () => {
    if (lines.length > 0) blocks.push(lines.join("\n"));
    [lines, bytes] = [[], 0];
  };
  for (const file of filesBelow(devicesFolder).sort()) {
    const definition = withImports(readFile(file), file);
    const text = line(model(definition));
    if (bytes + Buffer.byteLength(text) > BLOCK_BYTES) finishBlock();
    for (const { productType, productId } of definition.devices) {
      const numbers = [definition.manufacturerId, productType, productId].map(Number);
      const key = Buffer.alloc(16);
      numbers.forEach((number, index) => key.writeUInt16BE(number, 2 * index));
      key.set([...versionOf(definition.firmwareVersion.min), ...versionOf(definition.firmwareVersion.max)], 6);
      key.writeUInt16BE(blocks.length, 12);
      key.writeUInt16BE(lines.length, 14);
      // Of several that fit, the first is taken.
      fingerprints.push({ key, order: [key.subarray(0, 6).toString("hex"), definition.preferred ? 0 : 1, key.toString("hex")].join() });
    }
    lines.push(text);
    bytes += Buffer.byteLength(text) + 1;
  }
  finishBlock();
  fingerprints.sort((a, b) => (a.order < b.order ? -1 : 1));
  return { title: `${FORMAT} @zwave-js/config ${version}\n`, fingerprints: fingerprints.map(({ key }) => key), blocks };
}

function write({ title, fingerprints, blocks }) {
  const packed = blocks.map((block) => deflateRawSync(block, { level: 9, memLevel: 9 }));
  const counts = Buffer.alloc(4);
  counts.writeUInt16BE(fingerprints.length, 0);
  counts.writeUInt16BE(blocks.length, 2);
  const sizes = Buffer.alloc(4 * blocks.length);
  packed.forEach((block, index) => sizes.writeUInt32BE(block.length, 4 * index));
  return Buffer.concat([Buffer.from(title), counts, ...fingerprints, sizes, ...packed]);
}

// Unpacked, because not every zlib packs alike.
function read(bytes) {
  const title = bytes.subarray(0, bytes.indexOf("\n") + 1).toString();
  let at = title.length;
  const take = (length) => bytes.subarray(at, (at += length));
  const [fingerprintCount, blockCount] = [take(2).readUInt16BE(), take(2).readUInt16BE()];
  const fingerprints = Array.from({ length: fingerprintCount }, () => take(16));
  const sizes = Array.from({ length: blockCount }, () => take(4).readUInt32BE());
  return { title, fingerprints, blocks: sizes.map((size) => inflateRawSync(take(size)).toString()) };
}

const asText = ({ title, fingerprints, blocks }) =>
  title + fingerprints.map((key) => key.toString("hex")).join("\n") + blocks.join("\n\n");

const [first, second] = process.argv.slice(2);
if (first === "--check" && second) {
  if (asText(read(readFileSync(second))) !== asText(make())) {
    console.error(`${second} is not what this package makes; write it anew with: node device-database.js FILE`);
    process.exit(1);
  }
} else if (first && !second) {
  const bytes = write(make());
  writeFileSync(first, bytes);
  console.log(`${bytes.length} bytes`);
} else {
  console.error("usage: node device-database.js [--check] FILE");
  process.exit(2);
}
