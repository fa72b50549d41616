// The check is worth something only if it finds what is wrong: each fixture is wrong on purpose.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { check } from '../check.mjs';

const fixtures = path.join(import.meta.dirname, 'fixtures');

/** Findings in a fixture as "address: text". */
async function findings(...names) {
  const found = await check(names.map((name) => path.join(fixtures, name)));
  return found.map((finding) => finding.slice(finding.indexOf(': ') + 2));
}

async function reports(name, expected) {
  assert.deepEqual((await findings(name)).sort(), expected.sort());
}

test('what is right is not reported', async () => reports('sound', []));

test('arguments: misspelt, computed, missing, of the wrong shape', async () => reports('arguments', [
  'aws_lb.misspelt: there is no argument or block "nmae"; did you mean "name"?',
  'aws_lb.computed: there is no argument or block "dns_name", which only the provider sets',
  'aws_vpc_security_group_ingress_rule.missing: required argument "ip_protocol" is missing',
  'aws_mq_broker.missing user: required argument "password" is missing',
  'data.aws_iam_policy_document.misspelt statement: there is no argument or block "action"; did you mean "actions"?',
  'ephemeral.random_password.misspelt: there is no argument or block "lenght"; did you mean "length"?',
  'ephemeral.random_password.misspelt: required argument "length" is missing',
  'aws_lb_target_group.shapes name: must be a string',
  'aws_lb_target_group.shapes port: must be a number',
  'aws_lb_target_group.shapes tags: must be a map, given with "="',
  'aws_lb_target_group.shapes proxy_protocol_v2: must be true or false',
  'aws_ecs_cluster.ignored: ignore_changes: there is no argument "desired_count"',
]));

test('blocks: unknown, nested, repeated, written as arguments, missing, dynamic', async () => reports('blocks', [
  'aws_lb_target_group.unknown: there is no argument or block "healthcheck"; did you mean "health_check"?',
  'aws_lb_target_group.nested health_check: there is no argument or block "paht"; did you mean "path"?',
  'aws_lb_target_group.twice health_check: may be given once',
  'aws_lb_target_group.argument health_check: is a block, not an argument: write it without "="',
  'aws_mq_broker.list user: is a block, not an argument: write it without "="',
  'aws_lb.tags tags: must be a map, given with "="',
  'aws_lb_listener.missing: required block "default_action" is missing',
  'aws_lb_listener.dynamic default_action: there is no argument or block "taget_group_arn"; did you mean "target_group_arn"?',
  'aws_lb_listener.dynamic dynamic default_actoin: there is no block "default_actoin"; did you mean "default_action"?',
]));

test('types: unknown resources, data sources and providers', async () => reports('types', [
  'aws_ecs_clutser.unknown: there is no resource type "aws_ecs_clutser"',
  'data.aws_ecs_clutser.unknown: there is no data type "aws_ecs_clutser"',
  'ephemeral.aws_unknown.unknown: there is no ephemeral type "aws_unknown"',
  'google_project.elsewhere: the schema of provider "google" is not known here',
  'random_password.undeclared: provider "random" is not in required_providers',
]));

test('references: undeclared, without their index, to attributes that do not exist', async () => reports('references', [
  'local.known: var.known has no attribute "nmae"; did you mean "name"?',
  'local.unused: is declared but never used',
  'var.unused: is declared but never used',
  'aws_vpc.one cidr_block: variable "unknown" is not declared; did you mean "known"?',
  'aws_subnet.many vpc_id: "aws_vpc.oen" is not declared; did you mean "aws_vpc.one"?',
  'aws_subnet.many cidr_block: "aws_vpc.one.cidr_blok": there is no attribute "cidr_blok"; did you mean "cidr_block"?',
  'aws_eip.index instance: "aws_subnet.many.id" needs an index: it has for_each or count',
  'aws_eip.index network_interface: "aws_vpc.one[].id" has an index, but neither for_each nor count',
  'aws_eip.index address: "aws_subnet.many[].idd": there is no attribute "idd"; did you mean "id"?',
  'aws_eip.scope instance: "each.key" is used without for_each',
  'aws_eip.scope network_interface: "count.index" is used without count',
  'aws_route_table.each vpc_id: "each.value.vpc_idd": there is no attribute "vpc_idd"; did you mean "vpc_id"?',
  'output.nested: "aws_mq_broker.nested.instances[].endpoint[]": there is no attribute "endpoint"; did you mean "endpoints"?',
  'output.in_string: local "unknown" is not declared; did you mean "known"?',
  'output.in_string: "data.aws_region.nowhere" is not declared',
  'output.in_for: "subnet.arm": there is no attribute "arm"; did you mean "arn"?',
  'output.in_for: there is no "path.nowhere"',
  'output.in_splat: "values(aws_subnet.many)[*].idd": there is no attribute "idd"; did you mean "id"?',
  'output.in_key: variable "absent" is not declared',
  'output.in_key: "bare" is not a reference; a string needs quotes',
]));

test('modules: inputs and outputs that do not exist, required inputs, sources', async () => reports('modules', [
  'module.part: has no input "nmae"; did you mean "name"?',
  'module.part: required input "name" is missing',
  'module.nowhere: source "./nowhere" is not a directory of this repository',
  'output.missing: module "part" has no output "missing"',
  'output.undeclared: module "prat" is not declared; did you mean "part"?',
]));

test('functions: unknown ones, wrong numbers of arguments', async () => reports('functions', [
  'output.unknown: there is no function "joni"; did you mean "join"?',
  'output.few: function "join" takes 1 or more arguments, 0 given',
  'output.many: function "upper" takes 1 arguments, 2 given',
]));

test('syntax errors are findings', async () => {
  // Not a fixture: the formatter would refuse it.
  const directory = mkdtempSync(path.join(tmpdir(), 'terraform-check-'));
  try {
    writeFileSync(path.join(directory, 'main.tf'), 'output "broken" {\n  value = "a\n}\n');
    const found = await check([directory]);
    assert.equal(found.length, 1);
    assert.match(found[0], /main\.tf: syntax: /);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
