// Checks Terraform files against the provider's schema and each other. Usage: node check.mjs DIRECTORY…
//
// `terraform validate` needs the provider's binary; this needs only its published classes. It reports unknown types,
// blocks and arguments, missing required ones, blocks written as arguments and the other way round, literals of the
// wrong shape, and references, module inputs, module outputs and functions that do not exist.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from '@cdktf/hcl2json';
import { expressionsIn, keysOf, parseExpression, reference, wholeExpression } from './expressions.mjs';
import { knownProviders, providerVersion, schemaOf } from './schema.mjs';

const META = new Set(['for_each', 'count', 'depends_on', 'provider']);
const META_BLOCKS = new Set(['lifecycle', 'provisioner', 'connection', 'dynamic']);
const LIFECYCLE = new Set([
  'create_before_destroy', 'prevent_destroy', 'ignore_changes', 'replace_triggered_by', 'precondition', 'postcondition',
]);
const MODULE_ARGUMENTS = new Set(['source', 'version', 'providers', 'for_each', 'count', 'depends_on']);
const VARIABLE_ARGUMENTS = new Set(['type', 'default', 'description', 'sensitive', 'nullable', 'ephemeral', 'validation']);
const OUTPUT_ARGUMENTS = new Set(['value', 'description', 'sensitive', 'ephemeral', 'depends_on', 'precondition']);
const TOP_LEVEL = new Set([
  'terraform', 'provider', 'variable', 'locals', 'output', 'module', 'resource', 'data', 'ephemeral', 'moved', 'removed',
]);
const KINDS = { resource: '', data: 'data.', ephemeral: 'ephemeral.' };

/** @returns {Promise<string[]>} one line per finding, sorted; none means that the directories are sound. */
export async function check(directories) {
  const workspace = new Workspace();
  for (const directory of directories) {
    for (const found of modulesUnder(path.resolve(directory))) await workspace.module(found);
  }
  for (const module of workspace.modules.values()) await module.check();
  return [...new Set(workspace.findings)].sort();
}

/** Every directory that holds Terraform files, installed packages and provider caches left out. */
export function modulesUnder(directory) {
  const found = [];
  const entries = readdirSync(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name.endsWith('.tf'))) found.push(directory);
  for (const entry of entries) {
    if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) {
      found.push(...modulesUnder(path.join(directory, entry.name)));
    }
  }
  return found;
}

class Workspace {
  modules = new Map();
  findings = [];

  async module(directory) {
    if (!this.modules.has(directory)) {
      const module = new Module(this, directory);
      this.modules.set(directory, module);
      await module.read();
    }
    return this.modules.get(directory);
  }
}

let functions;

/** Terraform itself knows its functions and how many arguments they take. */
function functionSignatures() {
  functions ??= JSON.parse(execFileSync('terraform', ['metadata', 'functions', '-json'], {
    encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
  })).function_signatures;
  return functions;
}

class Module {
  constructor(workspace, directory) {
    this.workspace = workspace;
    this.directory = directory;
    this.label = path.relative(process.cwd(), directory) || '.';
    this.files = [];
    this.variables = new Map();
    this.locals = new Map();
    this.outputs = new Map();
    this.calls = new Map();
    this.resources = new Map();
    this.providers = new Set();
    this.used = new Set();
  }

  report(file, address, text) {
    this.workspace.findings.push(`${path.join(this.label, file)}: ${address}: ${text}`);
  }

  async read() {
    for (const name of readdirSync(this.directory).filter((entry) => entry.endsWith('.tf')).sort()) {
      const text = readFileSync(path.join(this.directory, name), 'utf8');
      let content;
      try {
        content = await parse(name, text);
      } catch (error) {
        this.report(name, 'syntax', String(error.message).replace(/\s+/g, ' '));
        continue;
      }
      this.files.push({ name, text, content });
      this.declare(name, content);
    }
  }

  declare(file, content) {
    const once = (map, key, address, value) => {
      if (map.has(key)) this.report(file, address, 'is declared twice');
      map.set(key, value);
    };
    for (const kind of Object.keys(content)) {
      if (!TOP_LEVEL.has(kind)) this.report(file, kind, 'is not a top-level block');
    }
    for (const [name, bodies] of Object.entries(content.variable ?? {})) {
      for (const body of bodies) once(this.variables, name, `var.${name}`, { file, body });
    }
    for (const locals of content.locals ?? []) {
      for (const [name, value] of Object.entries(locals)) once(this.locals, name, `local.${name}`, { file, value });
    }
    for (const [name, bodies] of Object.entries(content.output ?? {})) {
      for (const body of bodies) once(this.outputs, name, `output.${name}`, { file, body });
    }
    for (const [name, bodies] of Object.entries(content.module ?? {})) {
      for (const body of bodies) once(this.calls, name, `module.${name}`, { file, body });
    }
    for (const [kind, prefix] of Object.entries(KINDS)) {
      for (const [type, named] of Object.entries(content[kind] ?? {})) {
        for (const [name, bodies] of Object.entries(named)) {
          for (const body of bodies) once(this.resources, `${prefix}${type}.${name}`, `${prefix}${type}.${name}`, { file, kind, type, body });
        }
      }
    }
    for (const terraform of content.terraform ?? []) {
      for (const required of terraform.required_providers ?? []) {
        for (const name of Object.keys(required)) this.providers.add(name);
      }
    }
  }

  async check() {
    for (const { name: file, content } of this.files) {
      for (const settings of content.terraform ?? []) await this.expressions(file, 'terraform', settings, {});
      for (const [name, bodies] of Object.entries(content.provider ?? {})) {
        for (const body of bodies) await this.provider(file, name, body);
      }
    }
    for (const [name, { file, body }] of this.variables) await this.variable(file, name, body);
    for (const [name, { file, value }] of this.locals) await this.expressions(file, `local.${name}`, value, {});
    for (const [name, { file, body }] of this.outputs) await this.output(file, name, body);
    for (const [name, { file, body }] of this.calls) await this.call(file, name, body);
    for (const [address, resource] of this.resources) await this.resource(address, resource);
    for (const [name, { file }] of this.variables) {
      if (!this.used.has(`var.${name}`)) this.report(file, `var.${name}`, 'is declared but never used');
    }
    for (const [name, { file }] of this.locals) {
      if (!this.used.has(`local.${name}`)) this.report(file, `local.${name}`, 'is declared but never used');
    }
  }

  async provider(file, name, body) {
    if (!this.providers.has(name)) this.report(file, `provider.${name}`, 'is not in required_providers');
    const schema = schemaOf('provider', name);
    if (schema === undefined) return this.report(file, `provider.${name}`, 'is a provider without a schema here');
    await this.body(file, `provider.${name}`, schema, body, {}, new Set(['alias']), new Set(['dynamic']));
  }

  async variable(file, name, body) {
    const address = `var.${name}`;
    for (const key of Object.keys(body)) {
      if (!VARIABLE_ARGUMENTS.has(key)) this.report(file, address, `has no argument "${key}"`);
    }
    if (body.type === undefined) this.report(file, address, 'has no type');
    if (body.description === undefined) this.report(file, address, 'has no description');
    const used = new Set(this.used);
    for (const validation of body.validation ?? []) {
      for (const key of ['condition', 'error_message']) {
        if (validation[key] === undefined) this.report(file, address, `validation: "${key}" is missing`);
      }
      await this.expressions(file, address, validation, {});
    }
    // A variable that only its own validation reads is still unused.
    this.used = used;
  }

  async output(file, name, body) {
    const address = `output.${name}`;
    for (const key of Object.keys(body)) {
      if (!OUTPUT_ARGUMENTS.has(key)) this.report(file, address, `has no argument "${key}"`);
    }
    if (body.value === undefined) this.report(file, address, '"value" is missing');
    await this.expressions(file, address, body, {});
  }

  async call(file, name, body) {
    const address = `module.${name}`;
    await this.expressions(file, address, { ...body, providers: undefined }, scopeOf(body));
    const target = await this.target(name);
    if (target === undefined) return this.report(file, address, `source ${JSON.stringify(body.source)} is not a directory of this repository`);
    for (const key of Object.keys(body)) {
      if (!MODULE_ARGUMENTS.has(key) && !target.variables.has(key)) this.report(file, address, `has no input "${key}"${suggestion(key, target.variables.keys())}`);
    }
    for (const [input, { body: declaration }] of target.variables) {
      if (!('default' in declaration) && !(input in body)) this.report(file, address, `required input "${input}" is missing`);
    }
  }

  async target(name) {
    const source = this.calls.get(name)?.body.source;
    if (typeof source !== 'string' || !/^\.\.?\//.test(source)) return undefined;
    const directory = path.resolve(this.directory, source);
    if (!existsSync(directory) || !statSync(directory).isDirectory()) return undefined;
    return this.workspace.module(directory);
  }

  async resource(address, { file, kind, type, body }) {
    const provider = type.split('_')[0];
    if (!knownProviders().includes(provider)) {
      return this.report(file, address, `the schema of provider "${provider}" is not known here`);
    }
    if (!this.providers.has(provider)) this.report(file, address, `provider "${provider}" is not in required_providers`);
    const schema = schemaOf(kind, type);
    if (schema === undefined) return this.report(file, address, `there is no ${kind} type "${type}"`);
    for (const lifecycle of body.lifecycle ?? []) {
      for (const key of Object.keys(lifecycle)) {
        if (!LIFECYCLE.has(key)) this.report(file, address, `lifecycle has no argument "${key}"`);
      }
      for (const ignored of Array.isArray(lifecycle.ignore_changes) ? lifecycle.ignore_changes : []) {
        const name = /^\w+/.exec(wholeExpression(ignored) ?? ignored)?.[0];
        if (!schema.settable.has(name)) this.report(file, address, `ignore_changes: there is no argument "${name}"`);
      }
      const { ignore_changes: _, ...conditions } = lifecycle;
      await this.expressions(file, address, conditions, { ...scopeOf(body), self: {} });
    }
    await this.body(file, address, schema, { ...body, lifecycle: undefined }, await this.iteration(body), META, META_BLOCKS);
  }

  /** What each or count stand for; `for_each = aws_subnet.a` makes each.value a subnet. */
  async iteration(body) {
    const text = wholeExpression(body.for_each);
    if (text === undefined) return scopeOf(body);
    try {
      const of = await this.visit(await parseExpression(text), {}, () => {});
      return { each: of?.many ? { value: { schema: of.schema } } : {} };
    } catch {
      return scopeOf(body); // Reported where the expression itself is checked.
    }
  }

  /** The arguments and blocks of one block against its schema, and what the expressions in them refer to. */
  async body(file, address, schema, body, scope, meta, metaBlocks) {
    const given = new Set();
    for (const [key, value] of Object.entries(body)) {
      if (value === undefined) continue;
      if (key === 'dynamic') {
        for (const [name, dynamics] of Object.entries(value)) {
          given.add(name);
          for (const dynamic of dynamics) await this.dynamic(file, address, schema, name, dynamic, scope);
        }
        continue;
      }
      if (meta.has(key)) {
        if (key !== 'provider') await this.expressions(file, `${address} ${key}`, value, scope);
        continue;
      }
      if (metaBlocks.has(key)) {
        await this.expressions(file, `${address} ${key}`, value, { ...scope, self: {} });
        continue;
      }
      given.add(key);
      const member = schema.settable.get(key);
      if (member === undefined) {
        const computed = schema.readable.has(key) ? ', which only the provider sets' : '';
        this.report(file, address, `there is no argument or block "${key}"${computed}${suggestion(key, schema.settable.keys())}`);
        await this.expressions(file, `${address} ${key}`, value, scope);
      } else if (member.block) {
        await this.block(file, address, key, member, value, scope);
      } else {
        await this.argument(file, address, key, member, value, scope);
      }
    }
    for (const [name, member] of schema.settable) {
      if (member.required && !given.has(name)) {
        this.report(file, address, `required ${member.block ? 'block' : 'argument'} "${name}" is missing`);
      }
    }
  }

  async block(file, address, key, member, value, scope) {
    const where = `${address} ${key}`;
    // Parsed blocks are lists of bodies; an argument of the same name is anything else, or a list in the text.
    if (!Array.isArray(value) || value.some((item) => item === null || typeof item !== 'object') || this.written(file, address, key)) {
      this.report(file, where, 'is a block, not an argument: write it without "="');
      return this.expressions(file, where, value, scope);
    }
    if (member.shape === 'single' && value.length > 1) this.report(file, where, 'may be given once');
    for (const item of value) {
      if (member.nested === undefined) await this.expressions(file, where, item, scope);
      else await this.body(file, where, member.nested, item, scope, new Set(), new Set());
    }
  }

  /** Whether the text of the resource has `key = [{`, which parses to the same as blocks. */
  written(file, address, key) {
    const { text } = this.files.find(({ name }) => name === file);
    const [type, name] = address.split(' ')[0].replace(/^(data|ephemeral)\./, '').split('.');
    const start = text.indexOf(`"${type}" "${name}"`);
    const end = text.indexOf('\n}', start);
    return new RegExp(`^\\s*${key}\\s*=\\s*\\[\\s*\\{`, 'm').test(text.slice(start, end));
  }

  async argument(file, address, key, member, value, scope) {
    const where = `${address} ${key}`;
    const expression = wholeExpression(value);
    if (expression === undefined && value !== null) {
      const list = Array.isArray(value);
      const map = !list && typeof value === 'object';
      if (member.shape === 'scalar' && (list || map)) this.report(file, where, `must be a ${member.scalar}`);
      if (member.shape === 'scalar' && member.scalar === 'number' && typeof value === 'string' && !/^-?\d|\$\{/.test(value)) {
        this.report(file, where, 'must be a number');
      }
      if (member.shape === 'scalar' && member.scalar === 'boolean' && typeof value !== 'boolean' && !/^(true|false)$|\$\{/.test(String(value))) {
        this.report(file, where, 'must be true or false');
      }
      if (member.shape === 'list' && !list && !(member.nested && map)) this.report(file, where, 'must be a list');
      if (member.shape === 'map' && (list || !map)) this.report(file, where, 'must be a map, given with "="');
      if (member.nested !== undefined) {
        for (const item of list ? value : [value]) {
          if (item === null || typeof item !== 'object') continue;
          for (const name of Object.keys(item)) {
            if (!name.includes('${') && !member.nested.settable.has(name)) {
              this.report(file, where, `has no attribute "${name}"${suggestion(name, member.nested.settable.keys())}`);
            }
          }
          for (const [name, inner] of member.nested.settable) {
            if (inner.required && !(name in item)) this.report(file, where, `required attribute "${name}" is missing`);
          }
        }
      }
    }
    await this.expressions(file, where, value, scope);
  }

  async dynamic(file, address, schema, name, dynamic, scope) {
    const where = `${address} dynamic ${name}`;
    const member = schema.settable.get(name);
    if (member === undefined || !member.block) {
      return this.report(file, where, `there is no block "${name}"${suggestion(name, schema.settable.keys())}`);
    }
    for (const key of ['for_each', 'content']) {
      if (dynamic[key] === undefined) this.report(file, where, `"${key}" is missing`);
    }
    await this.expressions(file, where, dynamic.for_each, scope);
    const iterator = wholeExpression(dynamic.iterator) ?? name;
    for (const content of dynamic.content ?? []) {
      await this.body(file, `${address} ${name}`, member.nested, content, { ...scope, [iterator]: {} }, new Set(), new Set());
    }
  }

  async expressions(file, where, value, scope) {
    if (value === undefined) return;
    try {
      for (const text of expressionsIn(value)) {
        await this.visit(await parseExpression(text), scope, (problem) => this.report(file, where, problem));
      }
    } catch (error) {
      this.report(file, where, String(error.message).replace(/\s+/g, ' '));
    }
  }

  /** Walks an expression; `scope` maps the names that are bound in it to what is known of their values. */
  async visit(node, scope, problem) {
    if (node === null || node === undefined) return undefined;
    const found = reference(node);
    if (found !== undefined) {
      for (const key of keysOf(node)) await this.visit(key, scope, problem);
      return this.resolve(found.steps, scope, problem);
    }
    if (node.type === 'for') return this.visitFor(node, scope, problem);
    const values = [];
    for (const child of node.children) values.push(await this.visit(child, scope, problem));
    if (node.type === 'function') {
      this.callFunction(node, problem);
      if (['values', 'tolist', 'toset', 'one'].includes(node.meta.name) && values[0]?.many) {
        return node.meta.name === 'one' ? { schema: values[0].schema } : values[0];
      }
    }
    if (node.type === 'relativeTraversal' || node.type === 'index' || node.type === 'splat') {
      // What follows a function's result, as in values(aws_subnet.a)[*].id.
      const steps = node.type === 'index' ? [{ index: true }]
          : node.type === 'splat' ? [{ index: true }, ...namesAfterSplat(node)]
          : node.meta.traversal.map((part) => (part.type === 'indexTraversal' ? { index: true } : { name: part.segment }));
      return values[0]?.schema ? this.follow(node.meta.value, values[0], steps, problem) : undefined;
    }
    return undefined;
  }

  async visitFor(node, scope, problem) {
    const { keyVar, valVar, collectionExpression } = node.meta;
    const collection = node.children.find((child) => child.meta?.value === collectionExpression) ?? node.children[0];
    const of = await this.visit(collection, scope, problem);
    const inner = { ...scope, [valVar]: of?.many ? { schema: of.schema } : {} };
    if (keyVar) inner[keyVar] = {};
    for (const child of node.children) {
      if (child !== collection) await this.visit(child, inner, problem);
    }
    return undefined;
  }

  callFunction(node, problem) {
    const { name } = node.meta;
    if (name.startsWith('provider::')) return problem(`function "${name}" of a provider is not known here`);
    const signature = functionSignatures()[name] ?? functionSignatures()[`core::${name}`];
    if (signature === undefined) return problem(`there is no function "${name}"${suggestion(name, Object.keys(functionSignatures()))}`);
    const least = signature.parameters?.length ?? 0;
    const given = node.meta.argsRanges?.length ?? node.children.length;
    const expanded = node.meta.expandedFinalArgument === true || node.meta.expandedFinalArgument === 'true';
    if (!expanded && (given < least || (given > least && signature.variadic_parameter === undefined))) {
      problem(`function "${name}" takes ${least}${signature.variadic_parameter ? ' or more' : ''} arguments, ${given} given`);
    }
    return undefined;
  }

  async resolve(steps, scope, problem) {
    const [first, second, third] = steps.map((step) => step.name);
    const text = steps.map((step) => (step.index ? '[]' : step.name)).join('.').replaceAll('.[]', '[]');
    if (Object.hasOwn(scope, first)) {
      if (first === 'each' && second !== 'key' && second !== 'value') return problem(`"${text}": each has only key and value`);
      if (first === 'count' && second !== 'index') return problem(`"${text}": count has only index`);
      if (first === 'each' && second === 'value' && scope.each.value && steps.length > 2) {
        return this.follow(text, scope.each.value, steps.slice(2), problem);
      }
      const bound = scope[first];
      return bound.schema ? this.follow(text, bound, steps.slice(1), problem) : undefined;
    }
    switch (first) {
      case 'each': return problem(`"${text}" is used without for_each`);
      case 'count': return problem(`"${text}" is used without count`);
      case 'self': return problem(`"${text}" is used outside a condition of a resource`);
      case 'path': return ['module', 'root', 'cwd'].includes(second) ? undefined : problem(`there is no "${text}"`);
      case 'terraform': return second === 'workspace' ? undefined : problem(`there is no "${text}"`);
      case 'var':
        this.used.add(`var.${second}`);
        if (!this.variables.has(second)) return problem(`variable "${second}" is not declared${suggestion(second, this.variables.keys())}`);
        return this.member(`var.${second}`, this.variables.get(second).body.type, steps.slice(2), problem);
      case 'local':
        this.used.add(`local.${second}`);
        return this.locals.has(second) ? undefined : problem(`local "${second}" is not declared${suggestion(second, this.locals.keys())}`);
      case 'module': return this.resolveModule(second, steps.slice(2), text, problem);
      case 'data': case 'ephemeral': return this.resolveResource(`${first}.${second}.${third}`, steps.slice(3), text, problem);
      default:
        if (second === undefined) return problem(`"${first}" is not a reference; a string needs quotes`);
        return this.resolveResource(`${first}.${second}`, steps.slice(2), text, problem);
    }
  }

  /** An attribute of a variable whose type is an object. */
  async member(address, type, steps, problem) {
    const declared = wholeExpression(type);
    if (declared === undefined || steps.length === 0) return undefined;
    let node = await parseExpression(declared);
    for (const step of steps) {
      while (node?.type === 'function' && node.meta.name === 'optional') node = node.children[0];
      if (node?.type !== 'function') return undefined;
      if (step.index) {
        node = ['map', 'list', 'set'].includes(node.meta.name) ? node.children[0] : undefined;
      } else {
        if (node.meta.name !== 'object') return undefined;
        const items = node.children[0]?.meta?.items ?? {};
        if (!(step.name in items)) return problem(`${address} has no attribute "${step.name}"${suggestion(step.name, Object.keys(items))}`);
        node = await parseExpression(items[step.name]);
      }
    }
    return undefined;
  }

  async resolveModule(name, steps, text, problem) {
    const call = this.calls.get(name);
    if (call === undefined) return problem(`module "${name}" is not declared${suggestion(name, this.calls.keys())}`);
    const rest = this.instance(call.body, steps, text, problem);
    const output = rest?.[0]?.name;
    const target = await this.target(name);
    if (output !== undefined && target !== undefined && !target.outputs.has(output)) {
      return problem(`module "${name}" has no output "${output}"${suggestion(output, target.outputs.keys())}`);
    }
    return undefined;
  }

  resolveResource(address, steps, text, problem) {
    const resource = this.resources.get(address);
    if (resource === undefined) return problem(`"${address}" is not declared${suggestion(address, this.resources.keys())}`);
    const schema = schemaOf(resource.kind, resource.type);
    const rest = this.instance(resource.body, steps, text, problem);
    if (schema === undefined || rest === undefined) return undefined;
    const many = scopeOf(resource.body) !== EMPTY && rest.length === 0 && steps.length === 0;
    return many ? { schema, many } : this.follow(text, { schema }, rest, problem);
  }

  /** Takes the index off a reference to something with for_each or count, and insists on it there and only there. */
  instance(body, steps, text, problem) {
    const many = scopeOf(body) !== EMPTY;
    if (steps.length === 0) return steps;
    if (many && !steps[0].index) return problem(`"${text}" needs an index: it has for_each or count`);
    if (!many && steps[0].index && !steps[0].splat) return problem(`"${text}" has an index, but neither for_each nor count`);
    return steps[0].index ? steps.slice(1) : steps;
  }

  /** Follows names into nested blocks as far as the schema knows them. */
  follow(text, { schema }, steps, problem) {
    for (const step of steps) {
      if (schema === undefined) return undefined;
      if (step.index) continue;
      if (!schema.readable.has(step.name)) {
        return problem(`"${text}": there is no attribute "${step.name}"${suggestion(step.name, schema.readable.keys())}`);
      }
      schema = schema.readable.get(step.name).nested;
    }
    return undefined;
  }
}

const EMPTY = Object.freeze({});

function scopeOf(body) {
  if (body.for_each !== undefined) return { each: {} };
  return body.count !== undefined ? { count: {} } : EMPTY;
}

function namesAfterSplat(node) {
  const each = node.children[1];
  return each?.type === 'relativeTraversal' ? each.meta.traversal.map((part) => ({ name: part.segment })) : [];
}

function suggestion(name, candidates) {
  let best;
  let least = Math.max(2, Math.floor(String(name).length / 4)) + 1;
  for (const candidate of candidates) {
    const distance = edits(String(name), candidate, least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best === undefined ? '' : `; did you mean "${best}"?`;
}

function edits(a, b, bound) {
  if (Math.abs(a.length - b.length) >= bound) return bound;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directories = process.argv.slice(2);
  if (directories.length === 0) {
    console.error('usage: node check.mjs DIRECTORY…');
    process.exit(2);
  }
  const findings = await check(directories);
  for (const finding of findings) console.error(finding);
  const modules = directories.flatMap((directory) => modulesUnder(path.resolve(directory)));
  const schemas = knownProviders().map((provider) => `${provider} ${providerVersion(provider)}`).join(', ');
  console.log(`${modules.length} modules checked against ${schemas}: ${findings.length === 0 ? 'sound' : `${findings.length} findings`}`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
