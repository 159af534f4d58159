/** The live panel as an anywidget, for front ends that cannot have vnb's part of JupyterLab. */

import { render } from "preact";
import { type Channel, LiveRun } from "../core/live";
import { RunStore } from "../core/store";
import { languageOf, speak } from "../ui/messages";
import { RunPanel } from "../ui/RunPanel";
import { learn, type Templates } from "../ui/told";

/** The part of anywidget's model that is used here. */
interface Model {
  get(name: "document" | "lang" | "templates"): unknown;
  send(message: unknown): void;
  on(event: string, heard: (message: unknown) => void): void;
  off(event: string, heard: (message: unknown) => void): void;
}

function channelOf(model: Model): Channel {
  return {
    prompt: false, // these hosts send nothing to a kernel's other shells
    send: (message) => model.send(message),
    listen: (heard, gone, signal) => {
      model.on("msg:custom", heard);
      model.on("comm:close", gone);
      signal.addEventListener("abort", () => {
        model.off("msg:custom", heard);
        model.off("comm:close", gone);
      });
    },
  };
}

function show({ model, el }: { model: Model; el: HTMLElement }): () => void {
  speak(languageOf(String(model.get("lang"))));
  learn(model.get("templates") as Templates);
  const store = RunStore.of(model.get("document"));
  const draw = (kernel: LiveRun | null) => render(<RunPanel store={store} kernel={kernel} />, el);
  // While a cell runs these hosts let no command through, so the kernel says by itself how the run stands.
  const advance = () => store.advance(model.get("document"));
  model.on("change:document", advance);
  draw(null);
  const live = new LiveRun(store, channelOf(model), () => draw(null));
  void live.follow().then((follows) => draw(follows ? live : null));
  return () => {
    model.off("change:document", advance);
    live.close();
    render(null, el);
  };
}

export default { render: show };
