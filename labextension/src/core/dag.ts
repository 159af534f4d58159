/** The plan as a directed acyclic graph, as far as the fold needs it; the twin of vnb/core/dag.py. */

import type { Step } from "../protocol/types.gen";

/** For every step the steps that must have finished before it. */
export type Edges = ReadonlyMap<string, readonly string[]>;

/**
 * What each step waits for. A step with sub-steps waits for those of them that no other sub-step needs; a sub-step
 * waits for its own needs and for those of its parent.
 */
export function edges(steps: Iterable<Step>): Edges {
  const byId = new Map([...steps].map((step) => [step.id, step]));
  const parts = new Map<string, Step[]>();
  for (const step of byId.values()) {
    if (step.parent) parts.set(step.parent, [...(parts.get(step.parent) ?? []), step]);
  }
  const found = new Map<string, readonly string[]>();
  for (const step of byId.values()) {
    const own = parts.get(step.id);
    found.set(step.id, own ? sinks(own) : needs(step, byId));
  }
  return found;
}

function needs(step: Step, byId: ReadonlyMap<string, Step>): string[] {
  const found = new Set(step.needs);
  const seen = new Set([step.id]);
  let above = byId.get(step.parent);
  while (above && !seen.has(above.id)) {
    seen.add(above.id);
    for (const need of above.needs) found.add(need);
    above = byId.get(above.parent);
  }
  return [...found];
}

/**
 * The steps whose results make the deliverable, in its order; with `parent`, those that make the result of that step.
 * They are the ones that `deliver` names among the steps of that level, or else those that no other of them needs.
 */
export function delivered(steps: readonly Step[], deliver: readonly string[], parent = ""): string[] {
  const level = steps.filter((step) => step.parent === parent);
  const ids = new Set(level.map((step) => step.id));
  const named = [...new Set(deliver)].filter((id) => ids.has(id));
  return named.length ? named : sinks(level);
}

function sinks(all: readonly Step[]): string[] {
  const steps = all.filter((step) => step.kind !== "check");
  const ids = new Set(steps.map((step) => step.id));
  const needed = new Set(steps.flatMap((step) => step.needs));
  return steps.filter((step) => !needed.has(step.id) && !ids.has(step.parent)).map((step) => step.id);
}

/** Every step that waits, directly or not, for one of `of`. */
export function descendants(graph: Edges, of: Iterable<string>): Set<string> {
  const dependants = new Map<string, string[]>();
  for (const [step, needed] of graph) {
    for (const need of needed) {
      const found = dependants.get(need);
      if (found) found.push(step);
      else dependants.set(need, [step]);
    }
  }
  const found = new Set<string>();
  const todo = [...of].flatMap((step) => dependants.get(step) ?? []);
  for (let step = todo.pop(); step !== undefined; step = todo.pop()) {
    if (found.has(step)) continue;
    found.add(step);
    todo.push(...(dependants.get(step) ?? []));
  }
  return found;
}
