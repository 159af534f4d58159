// TypeScript to JavaScript, file by file; jupyter-builder bundles what comes out. Types are checked apart: `jlpm check`.
import { rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { build } from "esbuild";

rmSync("lib", { recursive: true, force: true });
const names = await readdir("src", { recursive: true });
await build({
  entryPoints: names.filter((name) => /\.tsx?$/.test(name)).map((name) => `src/${name}`),
  outdir: "lib",
  outbase: "src",
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
});
