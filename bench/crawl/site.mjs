// A made-up site on loopback, with third parties on every page as public sites have them. Every host is here.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";

export const SITE = "www.kommune.test";
// As many pages of one kind as an audit visits of each, and all kinds built differently.
const PER_KIND = 5;
const THIRD = ["maaling.alfa.test", "pixel.beta.test", "cdn.gamma.test", "kort.delta.test"];

const TAG = `(() => {
  const say = (what) => fetch("https://maaling.alfa.test/c?e=" + what, { method: "POST", mode: "no-cors", keepalive: true,
    body: JSON.stringify({ what, page: location.href, title: document.title, referrer: document.referrer }) });
  say("view");
  setTimeout(() => say("late"), 300);
  new Image().src = "https://pixel.beta.test/p.gif?dl=" + encodeURIComponent(location.href);
  addEventListener("pagehide", () => navigator.sendBeacon("https://maaling.alfa.test/c?e=left", location.href));
})()`;
const GIF = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

/** The paths of `pages` pages. */
export function paths(pages) {
  const letters = "abcdefghijklmnopqrstuvwxyzæøå";
  const kind = (at) => letters[at % letters.length] + (letters[Math.floor(at / letters.length) - 1] ?? "");
  const path = (_, at) => `/emne-${kind(Math.floor(at / PER_KIND))}/${(at % PER_KIND) + 1}`;
  return Array.from({ length: pages }, path).map(encodeURI);
}

function page(path, all) {
  const at = all.indexOf(path);
  const kind = Math.floor(at / PER_KIND);
  const part = (index) => `<h2>Afsnit ${index}</h2>${"<p>En kommune hjælper sine borgere, og siger hvordan.</p>".repeat(1 + (index % 4))}`;
  const body = at < 0 ? "" : Array.from({ length: 3 + kind }, (_, index) => part(index)).join("");
  const links = all.map((to) => `<li><a href="${to}">Emne ${decodeURI(to)}</a>`).join("");
  return `<!doctype html><html lang=da><meta charset=utf-8><link rel=icon href="data:,"><title>Emne ${at + 1}</title>
<link rel=stylesheet href="https://cdn.gamma.test/stil.css"><script src="https://maaling.alfa.test/t.js" async></script>
<h1>Emne ${at + 1}</h1>${body}<iframe src="https://kort.delta.test/kort" width=300 height=100></iframe><ul>${links}</ul></html>`;
}

function certificates(folder) {
  const openssl = (...words) => execFileSync("openssl", words, { cwd: folder, stdio: "pipe" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench-crawl");
  openssl("req", ...key.slice(0, -2), "-keyout", "site.key", "-out", "site.csr", "-subj", `/CN=${SITE}`);
  const names = [SITE, ...THIRD].map((host) => `DNS:${host}`).join(",");
  writeFileSync(join(folder, "names.cnf"), `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", "names.cnf"];
  openssl("x509", "-req", "-in", "site.csr", ...signed, "-out", "site.pem");
}

/** Serves it until `close()`; `visited` tells each request for a page of the site itself, once a path. */
export async function serve(folder, pages, visited) {
  certificates(folder);
  const all = paths(pages);
  const answer = (request, response) => {
    const [path] = request.url.split("?");
    const host = (request.headers.host ?? "").split(":")[0];
    const reply = (type, body) => response.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
    request.resume();
    if (THIRD.includes(host)) {
      if (path === "/t.js") return reply("text/javascript", TAG);
      if (path === "/p.gif") return reply("image/gif", GIF);
      if (path === "/stil.css") return reply("text/css", "body { font-family: sans-serif }");
      if (path === "/kort") return reply("text/html", "<!doctype html><title>Kort</title><p>Kort");
      return response.writeHead(204).end();
    }
    if (path !== "/" && !all.includes(path)) return response.writeHead(404).end();
    if (path !== "/" && request.method === "GET") visited(path);
    return reply("text/html; charset=utf-8", page(path, all));
  };
  const read = (name) => readFileSync(join(folder, name));
  const listen = (server) => new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
  const tls = await listen(https.createServer({ key: read("site.key"), cert: read("site.pem") }, answer));
  const clear = await listen(http.createServer(answer));
  return { https: tls.address().port, http: clear.address().port, close: () => [tls, clear].map((server) => server.close()) };
}
