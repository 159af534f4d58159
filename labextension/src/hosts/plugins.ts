/** What vnb adds to JupyterLab and Notebook 7 besides the MIME renderer. */

import { editor } from "./editor";
import { notebooks } from "./notebooks";
import { sidebar } from "./sidebar";

export default [notebooks, sidebar, editor];
