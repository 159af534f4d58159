/** What vnb adds to JupyterLab and Notebook 7 besides the MIME renderer. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { INotebookTracker, type NotebookPanel } from "@jupyterlab/notebook";
import { MIME } from "../protocol/types.gen";
import { Availability } from "./availability";
import { LiveRenderer } from "./live";

const live: JupyterFrontEndPlugin<void> = {
  id: "vnb-labextension:live",
  description: "Shows runs as they happen, and takes what is asked of them.",
  autoStart: true,
  requires: [INotebookTracker],
  activate: (_app: JupyterFrontEnd, notebooks: INotebookTracker) => {
    const equip = (panel: NotebookPanel) => {
      const availability = new Availability(panel.sessionContext);
      const createRenderer = (options: ConstructorParameters<typeof LiveRenderer>[0]) =>
        new LiveRenderer(options, availability);
      // before live widgets (-10) and the renderer of saved notebooks (10)
      panel.content.rendermime.addFactory({ safe: true, mimeTypes: [MIME], createRenderer }, -20);
    };
    notebooks.forEach(equip);
    notebooks.widgetAdded.connect((_, panel) => equip(panel));
  },
};

export default [live];
