/** The side panel with runs and models, its commands, and a word in the status bar. */

import { ILabShell, ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStatusBar } from "@jupyterlab/statusbar";
import { ITranslator } from "@jupyterlab/translation";
import { Widget } from "@lumino/widgets";
import { render } from "preact";
import { Catalogue } from "../core/catalogue";
import { t } from "../ui/messages";
import { SidePanel } from "../ui/SidePanel";
import { icon } from "./icon";
import { KernelWatch } from "./kernels";
import { speakAs } from "./language";
import { DEFAULTS, settingsOf } from "./settings";
import { sideActions } from "./sideActions";
import { statusItem } from "./statusItem";
import { type } from "./typing";

const PANEL = "vnb-side-panel";

class SideWidget extends Widget {
  /** Is called when the panel comes into sight. */
  onSight: () => void = () => {};

  constructor() {
    super();
    this.id = PANEL;
    this.title.icon = icon;
    this.title.caption = t("sidePanel");
    this.addClass("vnb-side-box");
  }

  protected override onAfterShow(): void {
    this.onSight();
  }
}

export const sidebar: JupyterFrontEndPlugin<void> = {
  id: "vnb-labextension:sidebar",
  description: "A panel with the runs of the store and the models of the kernel.",
  autoStart: true,
  optional: [INotebookTracker, ILabShell, ICommandPalette, ILayoutRestorer, ITranslator, ISettingRegistry, IStatusBar],
  activate: async (
    app: JupyterFrontEnd,
    tracker: INotebookTracker | null,
    lab: ILabShell | null,
    palette: ICommandPalette | null,
    restorer: ILayoutRestorer | null,
    translator: ITranslator | null,
    registry: ISettingRegistry | null,
    bar: IStatusBar | null,
  ) => {
    if (!tracker) return; // a page without notebooks
    await speakAs(translator).catch(() => undefined); // then some of it is in English
    const catalogue = new Catalogue(DEFAULTS.runs);
    const panel = new SideWidget();
    const watch = new KernelWatch(tracker, catalogue, () => panel.isVisible);
    panel.onSight = () => void watch.ask();
    render(<SidePanel catalogue={catalogue} actions={sideActions(app, lab, tracker, catalogue)} />, panel.node);
    addCommands(app, tracker, palette, watch);
    if (bar) statusItem(bar, catalogue, () => app.shell.activateById(PANEL));
    let area = "";
    await settingsOf(registry, (settings) => {
      catalogue.pageSize = settings.runs;
      if (settings.area !== area) app.shell.add(panel, settings.area, { rank: 700, type: "vnb" });
      area = settings.area;
    });
    restorer?.add(panel, PANEL);
  },
};

function addCommands(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  palette: ICommandPalette | null,
  watch: KernelWatch,
): void {
  const { commands } = app;
  commands.addCommand("vnb:show-panel", {
    label: t("showPanel"),
    icon,
    describedBy: { args: {} },
    execute: () => app.shell.activateById(PANEL),
  });
  commands.addCommand("vnb:refresh", {
    label: t("refreshPanel"),
    describedBy: { args: {} },
    execute: () => watch.ask(),
  });
  commands.addCommand("vnb:new-task", {
    label: t("newTask"),
    icon,
    describedBy: { args: {} },
    isEnabled: () => tracker.currentWidget !== null,
    execute: () => tracker.currentWidget && type(tracker.currentWidget, "%%vtask\n"),
  });
  tracker.currentChanged.connect(() => commands.notifyCommandChanged("vnb:new-task"));
  for (const command of ["vnb:show-panel", "vnb:refresh", "vnb:new-task"]) {
    palette?.addItem({ command, category: "vnb" });
  }
}
