/** The plugin that makes the runs in notebooks live. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { MIME } from "../protocol/types.gen";
import { Availability } from "./availability";
import { LiveRenderer } from "./live";

export const notebooks: JupyterFrontEndPlugin<void> = {
  id: "vnb-labextension:notebooks",
  description: "Shows runs as they happen, and takes what is asked of them.",
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app: JupyterFrontEnd, tracker: INotebookTracker) => {
    const equip = (panel: NotebookPanel) => {
      const availability = new Availability(panel.sessionContext);
      const createRenderer = (options: ConstructorParameters<typeof LiveRenderer>[0]) =>
        new LiveRenderer(options, availability);
      // before live widgets (-10) and the renderer of saved notebooks (10)
      panel.content.rendermime.addFactory({ safe: true, mimeTypes: [MIME], createRenderer }, -20);
    };
    tracker.forEach(equip);
    tracker.widgetAdded.connect((_, panel) => equip(panel));
  },
};
