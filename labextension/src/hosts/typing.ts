/** Does for the user what they would type: puts a cell into the notebook and runs it. */

import { NotebookActions, type NotebookPanel } from "@jupyterlab/notebook";

/** Runs `code` in a new cell below the one in front, or at the top; whether it ran without an error. */
export async function typeAndRun(
  { content, sessionContext }: NotebookPanel,
  code: string,
  top = false,
): Promise<boolean> {
  const at = insert(content, code, top ? 0 : content.activeCellIndex + 1);
  const cell = content.widgets[at];
  return cell ? NotebookActions.runCells(content, [cell], sessionContext) : false;
}

/** Puts a cell below the one in front, to be written on. */
export function type({ content }: NotebookPanel, code: string): void {
  insert(content, code, content.activeCellIndex + 1);
  content.mode = "edit";
  const editor = content.activeCell?.editor;
  editor?.setCursorPosition({ line: editor.lineCount - 1, column: 0 });
}

function insert(notebook: NotebookPanel["content"], code: string, at: number): number {
  notebook.model?.sharedModel.insertCell(at, { cell_type: "code", source: code, metadata: { trusted: true } });
  notebook.activeCellIndex = at;
  notebook.deselectAll();
  return at;
}
