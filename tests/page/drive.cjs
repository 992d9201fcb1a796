// Opens pages in a headless Chromium and takes steps on them. Reads a task from standard input:
// {chromium, modules, task: [[STEP, ARGUMENT...], ...]}
// and answers {results: [...], console: [...], errors: [...], requests: [...]}. A step that fails ends it with an error.
const fs = require("fs");
const { chromium: path, modules, task } = JSON.parse(fs.readFileSync(0, "utf8"));
const { chromium } = require(`${modules}/playwright-core`);
const axe = fs.readFileSync(`${modules}/axe-core/axe.min.js`, "utf8");

const steps = {
  goto: async (page, url) => (await page.goto(url))?.status() ?? null,
  click: (page, selector) => page.click(selector),
  fill: (page, selector, text) => page.fill(selector, text),
  view: async (page, width, colorScheme) => {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
  },
  press: (page, key) => page.keyboard.press(key),
  select: (page, selector, value) => page.selectOption(selector, value),
  wait: (page, selector) => page.waitForSelector(selector, { state: "attached" }).then(() => null),
  text: (page, selector) => page.textContent(selector),
  texts: (page, selector) => page.locator(selector).allTextContents(),
  count: (page, selector) => page.locator(selector).count(),
  url: async (page) => page.url(),
  eval: (page, source) => page.evaluate(source),
  // How far the page is wider than the window.
  overflow: (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
  cookies: (page) => page.context().cookies(),
  shot: (page, file) => page.screenshot({ path: file, fullPage: true }).then(() => null),
  axe: async (page) => {
    // By the protocol of developer tools, which the content security policy of a page does not concern.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run());
    return violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
  },
};

(async () => {
  const browser = await chromium.launch({ executablePath: path, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(60000);
  const seen = { results: [], console: [], errors: [], requests: [] };
  page.on("console", (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("request", (request) => seen.requests.push(request.url()));
  for (const [name, ...args] of task) {
    try {
      seen.results.push((await steps[name](page, ...args)) ?? null);
    } catch (error) {
      throw new Error(`${name} ${JSON.stringify(args)}: ${error.message}\n${JSON.stringify(seen)}`);
    }
  }
  await browser.close();
  process.stdout.write(JSON.stringify(seen));
})().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
