/** A run of the store in a place of its own, beside the notebook. */

import { MainAreaWidget } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import { render } from "preact";
import type { Json } from "../protocol/types.gen";
import { label } from "../ui/figures";
import { icon } from "./icon";
import { shown } from "./renderer";

class RunWidget extends Widget {
  constructor(document: Json) {
    super();
    this.addClass("vnb-beside");
    render(shown(document, ""), this.node);
  }

  override dispose(): void {
    if (!this.isDisposed) render(null, this.node);
    super.dispose();
  }
}

/** A tab with the run of this document; `title` is what its task says. */
export function runTab(run: string, title: string, document: Json): MainAreaWidget {
  const tab = new MainAreaWidget({ content: new RunWidget(document) });
  tab.id = `vnb-run-${run}`;
  tab.title.label = label(title, 40) || run;
  tab.title.caption = label(title, 300);
  tab.title.icon = icon;
  tab.title.closable = true;
  return tab;
}
