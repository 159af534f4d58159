/** Does for the user what they would type: puts a cell into the notebook and runs it. */

import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";

/** Runs `code` in a new cell below the one in front, or at the top; whether it ran without an error. */
export async function typeAndRun(panel: NotebookPanel, code: string, top = false): Promise<boolean> {
  await panel.revealed;
  const { content, sessionContext } = panel;
  const at = insert(content, code, top ? 0 : content.activeCellIndex + 1);
  const cell = content.widgets[at];
  return cell ? NotebookActions.runCells(content, [cell], sessionContext) : false;
}

/** Puts a cell below the one in front, with the cursor at its end. */
export async function type(panel: NotebookPanel, code: string): Promise<void> {
  await panel.revealed;
  const { content } = panel;
  const cell = content.widgets[insert(content, code, content.activeCellIndex + 1)];
  await cell?.ready;
  content.activate();
  content.mode = "edit";
  const editor = cell?.editor;
  editor?.setCursorPosition({ line: editor.lineCount - 1, column: 0 });
}

function insert(notebook: NotebookPanel["content"], code: string, at: number): number {
  notebook.model?.sharedModel.insertCell(at, { cell_type: "code", source: code, metadata: { trusted: true } });
  notebook.activeCellIndex = at;
  notebook.deselectAll();
  return at;
}
