/** What a click in the side panel does: a magic in the notebook, or a question to its kernel. */

import type { ILabShell, JupyterFrontEnd } from "@jupyterlab/application";
import { Dialog, InputDialog, type MainAreaWidget, Notification, showDialog } from "@jupyterlab/apputils";
import type { INotebookTracker, NotebookPanel } from "@jupyterlab/notebook";
import type { Catalogue } from "../core/catalogue";
import { magics, type RunRow } from "../core/storeKernel";
import { label } from "../ui/figures";
import { t } from "../ui/messages";
import type { SideActions } from "../ui/SidePanel";
import { runTab } from "./runTab";
import { typeAndRun } from "./typing";

/** @param lab The shell, where tabs can stand side by side; null in Notebook 7. */
export function sideActions(
  app: JupyterFrontEnd,
  lab: ILabShell | null,
  tracker: INotebookTracker,
  catalogue: Catalogue,
): SideActions {
  const tabs = new Map<string, MainAreaWidget>();
  const typed = async (code: string, top = false) => {
    const panel: NotebookPanel | null = tracker.currentWidget;
    if (panel) await typeAndRun(panel, code, top);
  };
  return {
    loadExtension: () => void typed(magics.load(), true),
    chooseKernel: () => void app.commands.execute("notebook:change-kernel"),
    load: (spec) => void typed(magics.model(spec)),
    unload: (spec) => void catalogue.ask("unload", { spec }),
    open: (run) => void typed(magics.open(run.run_id)),
    beside: lab && ((run) => void openBeside(lab, tabs, tracker.currentWidget, catalogue, run)),
    export: (run) => void exportRun(catalogue, run),
    remove: (run) => void removeRun(catalogue, run),
  };
}

async function openBeside(
  lab: ILabShell,
  tabs: Map<string, MainAreaWidget>,
  panel: NotebookPanel | null,
  catalogue: Catalogue,
  run: RunRow,
): Promise<void> {
  const answer = await catalogue.ask("open", { run: run.run_id });
  if (!answer.ok || !panel) return;
  const tab = await runTab(panel.content.rendermime, run, answer.value);
  tabs.get(tab.id)?.dispose(); // as it stood before
  tabs.set(tab.id, tab);
  tab.disposed.connect(() => tabs.get(tab.id) === tab && tabs.delete(tab.id));
  lab.add(tab, "main", panel.isDisposed ? {} : { mode: "split-right", ref: panel.id });
  lab.activateById(tab.id);
}

async function exportRun(catalogue: Catalogue, run: RunRow): Promise<void> {
  const asked = await InputDialog.getText({
    title: label(run.title, 60) || run.run_id,
    label: t("exportAs"),
    text: `${run.run_id}.html`,
    okLabel: t("exportNow"),
    selectionRange: run.run_id.length,
    checkbox: { label: t("replaceFile"), caption: magics.export(run.run_id), checked: false },
  });
  const path = asked.value?.trim();
  if (!asked.button.accept || !path) return;
  const answer = await catalogue.ask("export", { run: run.run_id, path, force: asked.isChecked ?? false });
  if (answer.ok) Notification.success(t("exported", { path: String(answer.value) }), { autoClose: 5000 });
}

async function removeRun(catalogue: Catalogue, run: RunRow): Promise<void> {
  const asked = await showDialog({
    title: t("deleteFor"),
    body: `${label(run.title, 200)} (${magics.delete(run.run_id)})`,
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: t("deleteNow") })],
    defaultButton: 0,
  });
  if (asked.button.accept) await catalogue.ask("delete", { run: run.run_id });
}
