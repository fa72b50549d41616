// Expressions of parsed HCL: where they are in a value, and what they refer to.

import { getExpressionAst } from '@cdktf/hcl2json';

/** Every `${…}` in a parsed value, keys of maps included, as source text. Strings without one are literals. */
export function* expressionsIn(value) {
  if (typeof value === 'string') yield* interpolations(value);
  else if (Array.isArray(value)) for (const item of value) yield* expressionsIn(item);
  else if (value !== null && typeof value === 'object') {
    for (const [key, item] of Object.entries(value)) {
      yield* interpolations(key);
      yield* expressionsIn(item);
    }
  }
}

/** The expression when the whole value is one, `${var.x}`, else undefined. */
export function wholeExpression(value) {
  if (typeof value !== 'string' || !value.startsWith('${')) return undefined;
  const end = closing(value, 2);
  return end === value.length - 1 ? value.slice(2, end) : undefined;
}

function* interpolations(text) {
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith('%{', at) && text[at - 1] !== '%') {
      throw new Error('template directives (%{ … }) are not understood by this check; use a for expression');
    }
    if (!text.startsWith('${', at) || text[at - 1] === '$') continue;
    const end = closing(text, at + 2);
    yield text.slice(at + 2, end);
    at = end;
  }
}

/** The index of the brace that closes an interpolation whose text starts at `at`; strings may hold braces. */
function closing(text, at) {
  for (let depth = 1; at < text.length; at++) {
    const c = text[at];
    if (c === '"') at = endOfString(text, at + 1);
    else if (c === '{') depth++;
    else if (c === '}' && --depth === 0) return at;
  }
  throw new Error(`an interpolation is not closed: ${text}`);
}

function endOfString(text, at) {
  for (; at < text.length && text[at] !== '"'; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith('${', at)) at = closing(text, at + 2);
  }
  return at;
}

export async function parseExpression(text) {
  return getExpressionAst('expression.tf', text);
}

/**
 * A reference as its steps: `aws_subnet.a[each.key].id` → root `aws_subnet`, steps a, [], id. Brackets and splats are
 * `{ index: true }`. Undefined when the node does not start at a name (a function's result, for example).
 */
export function reference(node) {
  if (node.type === 'scopeTraversal') return { root: node, steps: stepsOf(node.meta.traversal) };
  if (node.type === 'relativeTraversal') return extended(node.children[0], stepsOf(node.meta.traversal));
  if (node.type === 'index') return extended(node.children[0], [{ index: true }]);
  if (node.type === 'splat') {
    // The second child holds what follows `[*]`, as a traversal from the anonymous item.
    const each = node.children[1];
    const rest = each?.type === 'relativeTraversal' ? stepsOf(each.meta.traversal) : [];
    return extended(node.children[0], [{ index: true, splat: true }, ...rest]);
  }
  return undefined;
}

function extended(source, steps) {
  const start = source === undefined ? undefined : reference(source);
  return start === undefined ? undefined : { root: start.root, steps: [...start.steps, ...steps] };
}

function stepsOf(traversal) {
  return traversal.map((part) => (part.type === 'indexTraversal' ? { index: true } : { name: part.segment }));
}

/** The nodes under a reference that are expressions of their own: the keys in its brackets. */
export function* keysOf(node) {
  if (node.type === 'index') {
    yield* keysOf(node.children[0]);
    yield* node.children.slice(1);
  } else if (node.type === 'relativeTraversal' || node.type === 'splat') {
    yield* keysOf(node.children[0]);
  }
}
