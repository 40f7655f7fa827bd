// The CDK's own template diff, as JSON: reads [{id, before, after}] (paths or null) from standard
// input and writes one object for each pair. Run in the project's folder, whose node_modules has it.
'use strict';
const { createRequire } = require('node:module');
const { readFileSync } = require('node:fs');
const { fullDiff } = createRequire(`${process.cwd()}/`)('@aws-cdk/cloudformation-diff');

const template = (path) => (path === null ? {} : JSON.parse(readFileSync(path, 'utf8')));

function resource(logicalId, change) {
  const properties = [];
  change.forEachDifference((kind, name, difference) => {
    properties.push({ name, impact: kind === 'Property' ? difference.changeImpact : null });
  });
  return {
    logicalId,
    type: change.newResourceType ?? change.oldResourceType,
    impact: change.changeImpact,
    properties,
    before: change.oldValue ?? null,
    after: change.newValue ?? null,
  };
}

function statements(collection) {
  const rows = (found, added) =>
    found.map((statement) => ({ added, negative: statement.isNegativeStatement, ...statement.render() }));
  return [...rows(collection.additions, true), ...rows(collection.removals, false)];
}

function compare({ id, before, after }) {
  const found = fullDiff(template(before), template(after));
  const resources = [];
  found.resources.forEachDifference((logicalId, change) => resources.push(resource(logicalId, change)));
  const { iamChanges, securityGroupChanges } = found;
  const policies = (list, added) =>
    list.map((policy) => ({ added, identity: policy.identityArn, policy: policy.managedPolicyArn }));
  return {
    id,
    resources,
    outputs: found.outputs.logicalIds,
    statements: statements(iamChanges.statements),
    managedPolicies: [
      ...policies(iamChanges.managedPolicies.additions, true),
      ...policies(iamChanges.managedPolicies.removals, false),
    ],
    securityGroups: securityGroupChanges.hasChanges ? securityGroupChanges.toJson() : {},
  };
}

const pairs = JSON.parse(readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(pairs.map(compare)));
