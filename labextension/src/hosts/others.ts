/** The other runs of the kernel's store, with which a run in a notebook can be compared. */

import { RunStore } from "../core/store";
import type { Runs, StoreKernel } from "../core/storeKernel";
import type { OtherRun } from "../ui/sides";

/** How many are offered, the newest first. */
const MOST = 30;

/** What the store lists now, each to be read when it is opened. */
export async function othersOf(kernel: StoreKernel): Promise<OtherRun[]> {
  const { ok, value } = await kernel.ask("runs", { limit: MOST });
  if (!ok) return [];
  const { rows } = value as unknown as Runs;
  return rows.map(({ run_id: id, title }) => ({
    id,
    title: title || id,
    open: async () => {
      const answer = await kernel.ask("open", { run: id });
      if (!answer.ok) throw new Error(answer.error);
      return RunStore.of(answer.value);
    },
  }));
}
