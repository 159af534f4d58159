/** vnb's sign: a task that becomes steps. */

import { LabIcon } from "@jupyterlab/ui-components";

export const icon = new LabIcon({
  name: "vnb:icon",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
    <path class="jp-icon3" fill="#616161" d="M3 3h8v5H8v3h5V9h8v5h-8v-1H8v5h5v-2h8v5h-8v-1H6V8H3z"/></svg>`,
});
