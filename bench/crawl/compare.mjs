// Crawls one made-up site with our program and with others, in turns, and prints what each page cost. `ci/bench-crawl`
// builds what is needed. Arguments: our program, browser, then pages=N rounds=N only=NAME,NAME.
//
// Counted is what happens between the first page and the last, so neither starting nor our self-test: pages each second,
// CPU of the program and all it started, and the largest sum of proportional memory (PSS). The site is in this process, so
// it is not counted. The machine may be busy: CPU counts first, and only ratios within one run say anything.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { paths, serve, SITE } from "./site.mjs";

const [ours, chromium, ...rest] = process.argv.slice(2);
const setting = (name, usual) => rest.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1) ?? usual;
const pages = Number(setting("pages", "80"));
const rounds = Number(setting("rounds", "2"));
const only = setting("only", "").split(",").filter(Boolean);
// How often a process is looked at; what one that ends in between did since is lost, in all of them alike.
const LOOK_MS = 100;
// Memory is slower to read.
const WEIGH_EVERY = 5;
// Twenty times what any takes.
const PATIENCE_MS = 30 * 60_000;

const folder = mkdtempSync(join(tmpdir(), "bench-crawl-"));
let seen;
const site = await serve(folder, pages, (path) => {
  seen.set(path, (seen.get(path) ?? 0) + 1);
  seen.last = performance.now();
  seen.first ??= seen.last;
});
const addresses = paths(pages).map((path) => `https://${SITE}${path}`);
writeFileSync(join(folder, "pages.json"), JSON.stringify(addresses));
writeFileSync(
  join(folder, "cprvagt.toml"),
  `[[vendor]]\nid = "v"\nname = "V"\n[[system]]\nid = "s"\nname = "S"\nvendor = "v"\nbase_urls = ["https://${SITE}/"]\n` +
    `owner = "os selv"\nmust_visit = ${JSON.stringify(addresses)}\n`,
);

const audit = (...flags) => [
  // The others do not pause between pages.
  ours, "audit", "s", "--pages", "1000", "--pause", "0s", "--loopback-only", "--upstream-ca", "ca.pem",
  "--resolve", `*:443:127.0.0.1:${site.https}`, ...flags,
];
const script = fileURLToPath(new URL("crawl.mjs", import.meta.url));
const plain = (waits) => ["node", script, chromium, String(site.https), waits, join(folder, "pages.json")];
// It is over before it can be looked at: the shell says what it took.
const wget = ["bash", "-c", '"$@"; times >&2', "bash", "wget", "--quiet", "--recursive", "--level=inf", "--no-parent", `http://127.0.0.1:${site.http}/`];
const crawlers = [
  { name: "cprvagt 1 tab", command: audit("--tabs", "1") },
  { name: "cprvagt 4 tabs", command: audit("--tabs", "4") },
  { name: "puppeteer our waits", command: plain("ours") },
  { name: "puppeteer WEC's waits", command: plain("wec") },
  { name: "cprvagt static", command: audit("--engine", "static") },
  { name: "wget -r", command: wget },
].filter(({ name }) => !only.length || only.includes(name));

function stat(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1).split(" ");
    return { parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * 10, born: fields[19] };
  } catch {
    return undefined;
  }
}

function pss(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** The process `root` and all below it, with those that lost their parent since. */
function family(root, known) {
  const all = new Map();
  for (const name of readdirSync("/proc")) {
    if (/^\d+$/.test(name)) all.set(Number(name), stat(name));
  }
  const belongs = (pid) => {
    for (let at = pid, steps = 0; at > 1 && steps < 30; at = all.get(at)?.parent ?? 0, steps += 1) {
      if (at === root || known.has(`${at} ${all.get(at)?.born}`)) return true;
    }
    return false;
  };
  return [...all].filter(([pid, now]) => now && belongs(pid));
}

async function run({ name, command }) {
  seen = new Map();
  const work = join(folder, "work");
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work);
  for (const file of ["cprvagt.toml", "ca.pem"]) writeFileSync(join(work, file), readFileSync(join(folder, file)));
  const child = spawn(command[0], command.slice(1), { cwd: work, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said = (said + chunk).slice(-4000)));
  const ended = new Promise((done) => child.on("close", done));
  const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  const known = new Map();
  let [peak, looks, before, at] = [0, 0, undefined, 0];
  const total = () => [...known.values()].reduce((sum, ms) => sum + ms, 0);
  const look = () => {
    const now = family(child.pid, known);
    for (const [pid, { ms, born }] of now) known.set(`${pid} ${born}`, ms);
    if (seen.first !== undefined) before ??= total();
    // Until the last page has begun.
    if (seen.last !== at) [at, seen.cpu] = [seen.last, total()];
    looks += 1;
    if (looks % WEIGH_EVERY === 0) peak = Math.max(peak, now.reduce((sum, [pid]) => sum + pss(pid), 0));
  };
  const looking = setInterval(look, LOOK_MS);
  const code = await ended;
  clearInterval(looking);
  clearTimeout(late);
  if (seen.size < pages) throw new Error(`${name} saw ${seen.size} of ${pages} pages and ended with ${code}: ${said}`);
  const seconds = (seen.last - seen.first) / 1000;
  const told = [...said.matchAll(/(\d+)m([\d.]+)s/g)].slice(-2).map(([, minutes, rest]) => (minutes * 60 + Number(rest)) * 1000);
  const cpu = told.length === 2 ? told[0] + told[1] : (seen.cpu ?? total()) - (before ?? 0);
  // Between the first and the last there is one page less.
  return { rate: (pages - 1) / seconds, cpu: cpu / (pages - 1), peak: peak / 1024 };
}

try {
  const results = new Map(crawlers.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const crawler of crawlers) {
      const { rate, cpu, peak } = await run(crawler);
      results.get(crawler.name).push({ rate, cpu, peak });
      console.error(`round ${round}: ${crawler.name}: ${rate.toFixed(2)} pages/s, ${cpu.toFixed(1)} ms CPU a page, ${peak.toFixed(0)} MiB`);
    }
  }
  const best = (all, key, pick) => pick(...all.map((one) => one[key]));
  console.log(`${pages} pages, best of ${rounds}\n${"".padEnd(24)}${"pages/s".padStart(9)}${"CPU ms/page".padStart(13)}${"peak PSS MiB".padStart(14)}`);
  for (const [name, all] of results) {
    const [rate, cpu, peak] = [best(all, "rate", Math.max), best(all, "cpu", Math.min), best(all, "peak", Math.min)];
    console.log(`${name.padEnd(24)}${rate.toFixed(2).padStart(9)}${cpu.toFixed(1).padStart(13)}${(peak ? peak.toFixed(0) : "-").padStart(14)}`);
  }
} finally {
  site.close();
  rmSync(folder, { recursive: true, force: true });
  // Connections that were kept open would keep this process.
  setImmediate(() => process.exit());
}
