// TypeScript to JavaScript, file by file, which jupyter-builder bundles; and the anywidget, one file with all it needs.
// Types are checked apart: `jlpm check`.
import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { build } from "esbuild";

rmSync("lib", { recursive: true, force: true });
const names = await readdir("src", { recursive: true });
const options = { format: "esm", target: "es2022", jsx: "automatic", jsxImportSource: "preact" };
await build({
  entryPoints: names.filter((name) => /\.tsx?$/.test(name)).map((name) => `src/${name}`),
  outdir: "lib",
  outbase: "src",
  ...options,
});
await build({
  entryPoints: { widget: "src/hosts/widget.tsx" },
  outdir: "../vnb/static",
  bundle: true,
  minify: true,
  legalComments: "none",
  ...options,
});
await build({ entryPoints: { widget: "style/index.css" }, outdir: "../vnb/static", bundle: true, minify: true });
