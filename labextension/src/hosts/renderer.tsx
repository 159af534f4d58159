/** The MIME renderer: a run in a saved notebook, trusted or not, without a kernel. */

import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Widget } from "@lumino/widgets";
import { render, type VNode } from "preact";
import { NewerVersionError, RunStore } from "../core/store";
import { CodecError } from "../protocol/codec";
import { MIME } from "../protocol/types.gen";
import { Fallback } from "../ui/Fallback";
import { t, translateBy } from "../ui/messages";
import { RunPanel } from "../ui/RunPanel";

class RunRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(options: IRenderMime.IRendererOptions) {
    super();
    translateBy(options.translator?.load("vnb"));
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const html = model.data["text/html"];
    render(shown(model.data[MIME], typeof html === "string" ? html : ""), this.node);
  }

  override dispose(): void {
    if (!this.isDisposed) render(null, this.node);
    super.dispose();
  }
}

function shown(data: unknown, html: string): VNode {
  try {
    return <RunPanel store={RunStore.of(data)} />;
  } catch (error) {
    if (error instanceof NewerVersionError) return <Fallback why={t("newer")} html={html} />;
    if (error instanceof CodecError) return <Fallback why={t("unreadable", { why: error.message })} html={html} />;
    throw error;
  }
}

const extension: IRenderMime.IExtension = {
  id: "vnb-labextension:renderer",
  description: "Shows vnb's runs.",
  rendererFactory: {
    safe: true, // all that comes from a notebook is shown as text
    mimeTypes: [MIME],
    createRenderer: (options) => new RunRenderer(options),
  },
  rank: 10, // before text/html (50), after live widgets (-10)
  dataType: "json",
};

export default extension;
