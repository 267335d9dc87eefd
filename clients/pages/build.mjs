// Builds the pages into the Python package, where the wheel and `hospes up` find them without Node.
//
//   node build.mjs            writes each page's files next to the Python module that serves them
//   node build.mjs --check    builds to build/check and fails when a committed file differs by a byte
//   node build.mjs --tests    bundles tests/**/*.test.ts(x) into build/tests, or --into FOLDER, and runs them
//
// A page is a folder of src/: main.tsx (or main.ts), page.css, index.html and whatever lies in its static/. A page with
// a service-worker.ts works offline: the list of its files and their common hash are put into the worker.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const CLIENTS = join(HERE, "../src/hospes/clients");
const PAGES = [
  { name: "wallet", into: join(CLIENTS, "wallet/page") },
  { name: "console", into: join(CLIENTS, "hospital/page") },
];
const COMMON = {
  absWorkingDir: HERE,
  bundle: true,
  charset: "utf8",
  format: "esm",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "eof",
  logLevel: "warning",
  target: ["chrome133", "firefox130", "safari17.4"],
};

function source(name) {
  return ["main.tsx", "main.ts"].map((file) => join(HERE, "src", name, file)).find((path) => existsSync(path));
}

async function buildPage({ name }, into) {
  const from = join(HERE, "src", name);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  await build({ ...COMMON, entryPoints: [{ in: source(name), out: name }], minify: true, outdir: into });
  if (existsSync(join(from, "page.css"))) {
    await build({ ...COMMON, entryPoints: [{ in: join(from, "page.css"), out: name }], minify: true, outdir: into });
  }
  cpSync(join(from, "index.html"), join(into, "index.html"));
  if (existsSync(join(from, "static"))) cpSync(join(from, "static"), into, { recursive: true });
  const worker = join(from, "service-worker.ts");
  if (existsSync(worker)) {
    const files = listed(into);
    const hash = createHash("sha256");
    for (const file of files) hash.update(file).update(readFileSync(join(into, file)));
    const define = { FILES: JSON.stringify(files), VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)) };
    await build({ ...COMMON, define, entryPoints: [{ in: worker, out: "service-worker" }], minify: true, outdir: into });
  }
}

function listed(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function compare(built, committed, name) {
  const names = [...new Set([...listed(built), ...(existsSync(committed) ? listed(committed) : [])])].sort();
  const differing = names.filter((file) => {
    const [left, right] = [join(built, file), join(committed, file)];
    return !existsSync(left) || !existsSync(right) || !readFileSync(left).equals(readFileSync(right));
  });
  for (const file of differing) console.error(`${name}: ${file} is not what its source gives; run tools/build_pages.sh`);
  return differing.length === 0;
}

async function buildTests() {
  const at = process.argv.indexOf("--into");
  const into = at < 0 ? join(HERE, "build/tests") : process.argv[at + 1];
  rmSync(into, { recursive: true, force: true });
  const found = readdirSync(join(HERE, "tests"), { recursive: true }).filter((file) => /\.test\.tsx?$/.test(file));
  const entryPoints = found.map((file) => ({ in: join(HERE, "tests", file), out: file.replace(/\.tsx?$/, "") }));
  await build({
    ...COMMON,
    entryPoints,
    outdir: into,
    outExtension: { ".js": ".mjs" },
    platform: "node",
    sourcemap: "inline",
    target: "node20",
  });
  const files = entryPoints.map(({ out }) => join(into, `${out}.mjs`));
  const run = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...files], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
}

const pages = PAGES.filter(({ name }) => source(name));
if (process.argv.includes("--tests")) {
  await buildTests();
} else if (process.argv.includes("--check")) {
  let same = true;
  for (const page of pages) {
    const built = join(HERE, "build/check", page.name);
    await buildPage(page, built);
    same = compare(built, page.into, page.name) && same;
  }
  if (!same) process.exit(1);
  console.log(`pages: ${pages.map(({ name }) => name).join(", ")} are what their sources give`);
} else {
  for (const page of pages) await buildPage(page, page.into);
}
