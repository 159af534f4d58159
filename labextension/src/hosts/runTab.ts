/** A run of the store in a tab of its own, beside the notebook. */

import { MainAreaWidget } from "@jupyterlab/apputils";
import { type IRenderMimeRegistry, MimeModel } from "@jupyterlab/rendermime";
import type { RunRow } from "../core/storeKernel";
import { type Json, MIME } from "../protocol/types.gen";
import { label } from "../ui/figures";
import { icon } from "./icon";

/** Shows the run as an output of the notebook is shown. @param document The JSON of its bundle. */
export async function runTab(rendermime: IRenderMimeRegistry, run: RunRow, document: Json): Promise<MainAreaWidget> {
  const content = rendermime.createRenderer(MIME);
  content.addClass("vnb-beside");
  await content.renderModel(new MimeModel({ data: { [MIME]: document }, trusted: true }));
  const tab = new MainAreaWidget({ content });
  tab.id = `vnb-run-${run.run_id}`;
  tab.title.label = label(run.title, 40) || run.run_id;
  tab.title.caption = label(run.title, 300);
  tab.title.icon = icon;
  tab.title.closable = true;
  return tab;
}
