/** What the user has set; see schema/plugin.json. */

import type { ISettingRegistry } from "@jupyterlab/settingregistry";

export interface Settings {
  area: "left" | "right";
  runs: number;
  highlight: boolean;
}

export const DEFAULTS: Settings = { area: "right", runs: 30, highlight: true };

/** Calls `use` with the settings now and after every change; with the defaults where there are none. */
export async function settingsOf(registry: ISettingRegistry | null, use: (settings: Settings) => void): Promise<void> {
  const found = await registry?.load("vnb-labextension:plugin").catch(() => null);
  const told = () => use({ ...DEFAULTS, ...(found?.composite as Partial<Settings> | undefined) });
  found?.changed.connect(told);
  told();
}
