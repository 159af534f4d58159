/** Maps: a step that is done once for each item of a list. There may be a thousand; the twin of vnb/views/items.py. */

import type { StepView } from "../protocol/types.gen";

/** The most items of a map that are listed without being asked for. */
export const MOST_ITEMS = 8;

/** How many of a map's items are how far. */
export interface Tally {
  of: number;
  done: number;
  failed: number;
  notDone: number;
  running: number;
  stale: number;
}

export function tallyOf(items: readonly StepView[]): Tally {
  const found = { of: 0, done: 0, failed: 0, notDone: 0, running: 0, stale: 0 };
  for (const { status, stale } of items) {
    if (status === "superseded") continue;
    found.of += 1;
    if (status === "finished") found.done += 1;
    else if (status === "failed") found.failed += 1;
    else if (status === "skipped" || status === "cancelled") found.notDone += 1;
    else if (status === "running") found.running += 1;
    if (stale) found.stale += 1;
  }
  return found;
}

/** Whether one looks for this item among a thousand: it failed or is stale. */
export function isNotable({ status, stale }: StepView): boolean {
  return status === "failed" || stale !== "";
}

/** Whether the items of this step are folded away unless one asks for them. */
export function isLongMap({ step }: StepView, parts: readonly StepView[]): boolean {
  return step.kind === "map" && parts.length > MOST_ITEMS;
}
