/** The models that are loaded, what they take, how full their KV caches are; and those that could be loaded. */

import type { ComponentChildren } from "preact";
import { type Gpu, type LoadedModel, type Models, magics } from "../core/storeKernel";
import type { KVCacheUsage } from "../protocol/types.gen";
import { bytes, count, label } from "./figures";
import { t } from "./messages";
import { told } from "./told";

interface ModelActions {
  load(spec: string): void;
  unload(spec: string): void;
}

export function ModelCards({ models, actions }: { models: Models; actions: ModelActions }) {
  return (
    <section aria-label={t("models")}>
      <h3 class="vnb-caption">{t("models")}</h3>
      {models.loaded.length === 0 && <p class="vnb-aside">{t("noModel")}</p>}
      {models.loaded.map((model) => (
        <ModelCard key={model.spec} model={model} onUnload={() => actions.unload(model.spec)} />
      ))}
      {models.known.length > 0 && <Known specs={models.known} onLoad={(spec) => actions.load(spec)} />}
      <p class="vnb-aside">{t("kernelMemory", { size: bytes(models.memory) })}</p>
      {models.gpus.map((gpu) => (
        <GpuMemory gpu={gpu} />
      ))}
    </section>
  );
}

function ModelCard({ model, onUnload }: { model: LoadedModel; onUnload: () => void }) {
  const name = label(model.name, 60) || label(model.spec, 60);
  const facts = [t("contextOf", { tokens: count(model.context) }), t("slots", { n: model.slots })];
  return (
    <article class="vnb-model" aria-label={name}>
      <div class="vnb-bar">
        <b class="vnb-model-name" title={label(model.spec, 300)}>
          {name}
        </b>
        {model.default && <span class="vnb-aside">{t("default")}</span>}
        <button type="button" class="vnb-button" title={magics.unload(model.spec)} onClick={onUnload}>
          {t("unload")}
        </button>
      </div>
      <p class="vnb-aside">{facts.join(" · ")}</p>
      {model.kv && <Cache kv={model.kv} />}
      <details>
        <summary class="vnb-aside">{t("details")}</summary>
        <dl class="vnb-facts">
          {[["spec", model.spec], ...model.details].map(([fact, value]) => (
            <div>
              <dt>{told(fact ?? "")}</dt>
              <dd>{label(told(value ?? ""), 300)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </article>
  );
}

/** How much of the KV cache running requests use, and how much holds prefixes for later ones. */
function Cache({ kv }: { kv: KVCacheUsage }) {
  const size = kv.used + kv.cached + kv.free;
  const unit = t(kv.unit === "page" ? "pages" : "cells");
  const said = t("kvCacheNow", { used: count(kv.used), cached: count(kv.cached), size: count(size), unit });
  return (
    <Gauge name={t("kvCache")} said={said} value={kv.used} most={size}>
      <i class="vnb-gauge-used" style={{ width: `${(kv.used / size) * 100}%` }} />
      <i class="vnb-gauge-cached" style={{ width: `${(kv.cached / size) * 100}%` }} />
    </Gauge>
  );
}

function GpuMemory({ gpu }: { gpu: Gpu }) {
  const said = t("memoryOf", { used: bytes(gpu.used), total: bytes(gpu.total) });
  return (
    <Gauge name={label(gpu.name, 60)} said={said} value={gpu.used} most={gpu.total}>
      <i class="vnb-gauge-used" style={{ width: `${(gpu.used / gpu.total) * 100}%` }} />
    </Gauge>
  );
}

interface GaugeProps {
  name: string;
  said: string;
  value: number;
  most: number;
  children: ComponentChildren;
}

function Gauge({ name, said, value, most, children }: GaugeProps) {
  return (
    <div class="vnb-gauge">
      <span>{name}</span> <span class="vnb-aside">{said}</span>
      <div
        role="meter"
        class="vnb-gauge-bar"
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={value}
        aria-valuetext={said}
      >
        {children}
      </div>
    </div>
  );
}

function Known({ specs, onLoad }: { specs: readonly string[]; onLoad: (spec: string) => void }) {
  return (
    <details>
      <summary class="vnb-aside">{t("knownModels", { n: specs.length })}</summary>
      <ul class="vnb-known">
        {specs.map((spec) => (
          <li key={spec} class="vnb-bar">
            <code class="vnb-model-name">{label(spec, 80)}</code>
            <button
              type="button"
              class="vnb-button"
              title={magics.model(spec)}
              aria-label={t("loadModel", { model: label(spec, 80) })}
              onClick={() => onLoad(spec)}
            >
              {t("load")}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
