/** What a kernel says of the store and of its models, how it is asked, and what one would type instead. */

import type { Json, KVCacheUsage, RunStatus } from "../protocol/types.gen";
import type { Answer } from "./commands";

/** A kernel with vnb in it; see vnb/notebook/store_commands.py for the questions. */
export interface StoreKernel {
  /** Never rejects: a kernel that is gone is an answer that says so, and one without vnb answers `NOT_LOADED`. */
  ask(name: string, args: Record<string, Json>): Promise<Answer>;
}

export const NOT_LOADED: Answer = { ok: false, error: "", hint: "%load_ext vnb", value: null };

/** A run of the list; `RunRow` in vnb/store/listing.py. */
export interface RunRow {
  run_id: string;
  title: string;
  status: RunStatus | "warned";
  engine: string;
  created: number;
  updated: number;
  seq: number;
  parent: string;
  parent_seq: number;
  live: boolean;
}

export interface Runs {
  rows: readonly RunRow[];
  more: boolean;
}

/** A loaded model. */
export interface LoadedModel {
  spec: string;
  name: string;
  default: boolean;
  context: number;
  slots: number;
  details: readonly (readonly [string, string])[];
  kv: KVCacheUsage | null;
}

export interface Gpu {
  name: string;
  used: number;
  total: number;
}

export interface Models {
  loaded: readonly LoadedModel[];
  /** Specs of models that could be loaded. */
  known: readonly string[];
  /** Bytes that the kernel's process has in memory. */
  memory: number;
  gpus: readonly Gpu[];
}

/** The magics that do what the panel does. */
export const magics = {
  load: () => "%load_ext vnb",
  open: (run: string) => `%vopen ${run}`,
  export: (run: string, path = "FILE") => `%vexport ${run} ${quoted(path)}`,
  delete: (run: string) => `%vruns --delete ${run}`,
  model: (spec: string) => `%vmodel ${quoted(spec)}`,
  unload: (spec: string) => `%vmodel unload ${quoted(spec)}`,
};

/** A word as magics split them: in quotes where it has blanks or the other kind of quotes. */
function quoted(word: string): string {
  if (!/[\s'"]/.test(word)) return word;
  return word.includes('"') ? `'${word}'` : `"${word}"`;
}
