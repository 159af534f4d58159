/** Cells with `%%vtask` or `%%vplan` are not read as Python. */

import { LanguageSupport, StreamLanguage } from "@codemirror/language";
import type { JupyterFrontEndPlugin } from "@jupyterlab/application";
import type { CodeEditor } from "@jupyterlab/codeeditor";
import { IEditorExtensionRegistry, IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { MAGIC, taskMode } from "../core/taskMode";
import { settingsOf } from "./settings";

const MIME = "text/x-vnb-task";
const PYTHON = "text/x-ipython";

/** The code cells that there are, each with the type that fits its first line. */
export class TaskCells {
  private readonly cells = new Map<CodeEditor.IModel, () => void>();
  private enabled = true;

  /** Whether tasks and plans are told apart from Python. */
  set highlight(on: boolean) {
    this.enabled = on;
    for (const fit of this.cells.values()) fit();
  }

  /** Keeps an editor's type fitting; only cells of code can be magics. */
  watch(model: CodeEditor.IModel): void {
    if ((model as { type?: string }).type !== "code" || this.cells.has(model)) return;
    let before = PYTHON;
    const fit = () => {
      if (model.isDisposed) return;
      const is = this.enabled && MAGIC.test(model.sharedModel.getSource());
      if (model.mimeType !== MIME) before = model.mimeType;
      const fitting = is ? MIME : before;
      if (model.mimeType !== fitting) model.mimeType = fitting;
    };
    this.cells.set(model, fit);
    model.sharedModel.changed.connect(fit);
    // JupyterLab sets it anew for all cells when it learns the kernel's language; not while it is telling others.
    model.mimeTypeChanged.connect(() => queueMicrotask(fit));
    model.sharedModel.disposed.connect(() => this.cells.delete(model));
    queueMicrotask(fit);
  }
}

export const editor: JupyterFrontEndPlugin<void> = {
  id: "vnb-labextension:editor",
  description: "Colours cells of tasks and plans.",
  autoStart: true,
  requires: [IEditorLanguageRegistry, IEditorExtensionRegistry],
  optional: [ISettingRegistry],
  activate: (
    _app,
    languages: IEditorLanguageRegistry,
    extensions: IEditorExtensionRegistry,
    registry: ISettingRegistry | null,
  ) => {
    const cells = new TaskCells();
    languages.addLanguage({
      name: "vnb",
      displayName: "vnb",
      mime: MIME,
      load: async () => {
        // An editor takes what was loaded last, and a cell is Python first: Python must not come later than this.
        await languages.getLanguage(PYTHON);
        return new LanguageSupport(StreamLanguage.define(taskMode));
      },
    });
    extensions.addExtension({
      name: "vnb:tasks",
      factory: ({ model }) => {
        cells.watch(model);
        return null;
      },
    });
    settingsOf(registry, (settings) => {
      cells.highlight = settings.highlight;
    });
  },
};
