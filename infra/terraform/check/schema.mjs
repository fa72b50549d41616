// Reads the schema of one resource or data source out of the generated CDKTF classes.
//
// The classes are read as text: loading them would need cdktf itself and take seconds per run, and the text says
// all there is to know. What stands where:
//   index.d.ts  `interface …Config` and the interfaces of nested blocks: the settable names, in a documentation link
//               (`#engine_version`), whether they are optional (`?:`), and their types.
//   index.js    `isBlock` of each settable name, and every readable attribute, computed ones included.

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(import.meta.url);

const PACKAGES = { aws: '@cdktf/provider-aws', random: '@cdktf/provider-random' };

// Ephemeral resources are in no published CDKTF class, so the few that are used here are written down.
const EPHEMERAL = {
  random_password: {
    settable: {
      length: 'number', lower: 'boolean?', min_lower: 'number?', min_numeric: 'number?', min_special: 'number?',
      min_upper: 'number?', numeric: 'boolean?', override_special: 'string?', special: 'boolean?', upper: 'boolean?',
    },
    computed: ['result', 'bcrypt_hash'],
  },
};

const cache = new Map();

/** @returns the schema of the type, or undefined when the provider has no such type. */
export function schemaOf(kind, type) {
  const key = `${kind} ${type}`;
  if (!cache.has(key)) {
    cache.set(key, kind === 'ephemeral' ? ephemeralSchema(type) : load(kind, type));
  }
  return cache.get(key);
}

export function knownProviders() {
  return Object.keys(PACKAGES);
}

/** The version of the provider whose schema is read, for the heading of a run. */
export function providerVersion(provider) {
  const file = path.join(libraryOf(provider), 'provider', 'index.js');
  return /providerVersion: '([^']+)'/.exec(readFileSync(file, 'utf8'))?.[1] ?? 'unknown';
}

function libraryOf(provider) {
  return path.join(path.dirname(require.resolve(`${PACKAGES[provider]}/package.json`)), 'lib');
}

function load(kind, type) {
  const provider = type.split('_')[0];
  if (!(provider in PACKAGES)) return undefined;
  const name = type === provider ? 'provider' : type.slice(provider.length + 1).replaceAll('_', '-');
  const directory = path.join(libraryOf(provider), kind === 'data' ? `data-${provider}-${name}` : name);
  if (!existsSync(directory)) return undefined;
  const types = readFileSync(path.join(directory, 'index.d.ts'), 'utf8');
  const script = readFileSync(path.join(directory, 'index.js'), 'utf8');
  const main = new RegExp(`class (\\w+) extends cdktf\\.Terraform(?:Resource|DataSource|Provider) \\{\\s+` +
      `static readonly tfResourceType = "${type}"`).exec(types)?.[1];
  if (main === undefined) return undefined;
  return new Reader(types, script).block(main, `${main}Config`);
}

class Reader {
  constructor(types, script) {
    this.interfaces = sections(types, /^export interface (\w+)[^{]*\{$/gm);
    this.classes = sections(script.replace(/^\/\/# sourceMappingURL.*$/m, ''), /^class (\w+) extends [\w.]+ \{$/gm);
    this.writers = sections(script.replace(/^\/\/# sourceMappingURL.*$/m, ''), /^function (\w+)ToHclTerraform\(struct\) \{$/gm);
    this.blocks = new Map();
  }

  block(className, interfaceName) {
    if (this.blocks.has(className)) return this.blocks.get(className);
    const schema = { settable: new Map(), readable: new Map() };
    this.blocks.set(className, schema);
    const writerName = interfaceName[0].toLowerCase() + interfaceName.slice(1);
    const blockNames = isBlockByName(this.writers.get(writerName) ?? this.classes.get(className) ?? '');
    const body = this.interfaces.get(interfaceName) ?? '';
    const members = /#(\w+) \w+#\w+\}[^]*?readonly \w+(\??): ((?:\{[^}]*\}|[^;{])+);/g;
    for (const [, name, optional, text] of body.matchAll(members)) {
      schema.settable.set(name, { ...this.type(text.trim()), required: optional === '', block: blockNames.get(name) ?? false });
    }
    for (const [, name] of (this.classes.get(className) ?? '').matchAll(/\.get\w*Attribute\(['"](\w+)['"]\)/g)) {
      schema.readable.set(name, {});
    }
    for (const [, type, name] of (this.classes.get(className) ?? '').matchAll(/= new (\w+)\(this, "(\w+)"/g)) {
      schema.readable.set(name, this.nested(type));
    }
    for (const [name, { nested }] of schema.settable) {
      if (!schema.readable.has(name)) schema.readable.set(name, { nested });
    }
    return schema;
  }

  /** `MqBrokerUser[] | cdktf.IResolvable` → a list of a nested block; `string` → a scalar; and so on. */
  type(text) {
    const first = text.replace(/\s*\|\s*cdktf\.IResolvable/g, '').replace(/cdktf\.IResolvable\s*\|\s*/g, '').trim();
    if (/^(string|number|boolean|any)$/.test(first)) return { shape: first === 'any' ? 'any' : 'scalar', scalar: first };
    if (/^\{/.test(first)) return { shape: 'map' };
    const list = first.endsWith('[]') || first.startsWith('Array<');
    const name = first.replace(/\[\]$/, '');
    if (this.interfaces.has(name)) {
      return { shape: list ? 'list' : 'single', nested: this.block(`${name}OutputReference`, name) };
    }
    return { shape: list ? 'list' : 'any' };
  }

  nested(className) {
    const item = /return new (\w+OutputReference)\(/.exec(this.classes.get(className) ?? '')?.[1] ?? className;
    return this.classes.has(item) ? { nested: this.block(item, item.replace(/OutputReference$/, '')) } : {};
  }
}

function sections(text, heading) {
  const found = new Map();
  for (const match of text.matchAll(heading)) {
    const end = text.indexOf('\n}', match.index);
    found.set(match[1], text.slice(match.index, end < 0 ? undefined : end + 2));
  }
  return found;
}

function isBlockByName(text) {
  const names = new Map();
  for (const [, name, block] of text.matchAll(/^\s+(\w+): \{\n\s+value: [^\n]*\n\s+isBlock: (true|false),$/gm)) {
    names.set(name, block === 'true');
  }
  return names;
}

function ephemeralSchema(type) {
  const written = EPHEMERAL[type];
  if (written === undefined) return undefined;
  const schema = { settable: new Map(), readable: new Map() };
  for (const [name, text] of Object.entries(written.settable)) {
    const scalar = text.replace('?', '');
    schema.settable.set(name, { shape: 'scalar', scalar, required: !text.endsWith('?'), block: false });
    schema.readable.set(name, {});
  }
  for (const name of written.computed) schema.readable.set(name, {});
  return schema;
}
