/** The plugins of JupyterLab and Notebook 7. */

import { editor } from "./editor";
import { sidebar } from "./sidebar";

export default [sidebar, editor];
