/** The default model and how many runs go on, in the status bar, for kernels that have vnb. */

import type { IStatusBar } from "@jupyterlab/statusbar";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import type { Catalogue } from "../core/catalogue";
import { label } from "../ui/figures";
import { t } from "../ui/messages";

export function statusItem(bar: IStatusBar, catalogue: Catalogue, onClick: () => void): void {
  const item = new Widget({ node: document.createElement("button") });
  item.addClass("vnb-status");
  item.node.title = t("showPanel");
  item.node.addEventListener("click", onClick);
  const changed = new Signal<object, void>(item);
  bar.registerStatusItem("vnb-labextension:status", {
    item,
    align: "left",
    rank: 50,
    isActive: () => catalogue.place === "ready",
    activeStateChanged: changed,
  });
  catalogue.subscribe(() => {
    const model = catalogue.models?.loaded.find((loaded) => loaded.default);
    const running = catalogue.runs.rows.filter((row) => row.live).length;
    const said = ["vnb", label(model?.name ?? "", 30), running ? t("runsUnderWay", { n: running }) : ""];
    item.node.textContent = said.filter(Boolean).join(" · ");
    changed.emit();
  });
}
