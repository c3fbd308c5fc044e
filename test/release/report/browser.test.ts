import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { source as axe } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { startBrowser } from "./browser";
import { attacks } from "../support/hostile";
import { open, pages, type View } from "./screenshots";

interface AxeResults {
    readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
    readonly passes: readonly { readonly id: string }[];
}

/** Evaluates an expression in the page. It is text, because the tests are compiled without the browser's types. */
const ask = <Answer>(page: Page, expression: string) => page.evaluate(expression) as Promise<Answer>;

const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const unfold = "document.querySelectorAll('details').forEach((one) => { one.open = true; })";

describe("The approver's page in Chromium", function () {
    this.timeout(240_000);
    let folder: string;
    let browser: Browser;
    let all: Map<string, string>;
    const names = ["pass", "fail", "awaiting", "hotfix", "empty", "hostile"];

    before(async () => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "approver-page-"));
        all = await pages(folder);
        browser = await startBrowser();
    });
    after(async () => {
        await browser?.close();
        fs.rmSync(folder, { recursive: true });
    });

    const show = (name: string, view: Partial<View> = {}) =>
        open(browser, folder, name, all.get(name)!, { width: 1040, scheme: "light", ...view });
    const closing = async (page: Page, test: (page: Page) => Promise<void>) => {
        try {
            await test(page);
        } finally {
            await page.context().close();
        }
    };

    it("should be tested with pages of these names", () => assert.deepEqual([...all.keys()].sort(), [...names].sort()));

    for (const name of names) {
        it(`should have no accessibility violation (${name})`, async () => {
            for (const [width, scheme] of [
                [1040, "light"],
                [360, "dark"],
            ] as const) {
                await closing(await show(name, { width, scheme }), async (page) => {
                    await ask(page, unfold);
                    await page.evaluate(axe);
                    const { violations, passes } = await ask<AxeResults>(
                        page,
                        "axe.run({ resultTypes: ['violations'] })",
                    );
                    const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`);
                    assert.deepEqual(found, [], `${width} ${scheme}`);
                    const ran = passes.map(({ id }) => id);
                    for (const id of [
                        "color-contrast",
                        "heading-order",
                        "landmark-one-main",
                        "link-name",
                        "svg-img-alt",
                    ])
                        assert.ok(ran.includes(id) || name === "empty", id);
                });
            }
        });

        it(`should fit a phone, folded and unfolded (${name})`, async () => {
            for (const width of [360, 320]) {
                await closing(await show(name, { width }), async (page) => {
                    assert.ok((await ask<number>(page, overflow)) <= 0, `folded at ${width}`);
                    await ask(page, unfold);
                    assert.ok((await ask<number>(page, overflow)) <= 0, `unfolded at ${width}`);
                    // Nothing is beyond the edge either, except what only screen readers read.
                    const outside = await ask<string[]>(
                        page,
                        `[...document.querySelectorAll('main *:not(svg *)')]
                            .filter((one) => !one.closest('thead, .hidden'))
                            .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
                            .map((one) => one.outerHTML.slice(0, 200))`,
                    );
                    assert.deepEqual(outside, []);
                });
            }
        });
    }

    it("should make no request, and not violate its Content-Security-Policy", async () => {
        const context = await browser.newContext();
        const page = await context.newPage();
        await closing(page, async () => {
            const requested: string[] = [];
            const complaints: string[] = [];
            page.on("request", (request) => requested.push(request.url()));
            page.on("console", (message) => complaints.push(message.text()));
            page.on("pageerror", (error) => complaints.push(error.message));
            for (const name of names) {
                const file = path.join(folder, `${name}.html`);
                fs.writeFileSync(file, all.get(name)!);
                requested.length = 0;
                await page.goto(`file://${file}`);
                assert.deepEqual(requested, [`file://${file}`]);
            }
            assert.deepEqual(complaints, []);
        });
    });

    it("should show hostile text as text", async () => {
        await closing(await show("hostile"), async (page) => {
            await ask(page, unfold);
            assert.equal(await page.title(), "Release 1.4.2 must not go to production");
            const elements = await ask<string[]>(
                page,
                "[...new Set([...document.querySelectorAll('*')].map((one) => one.localName))]",
            );
            for (const name of ["script", "img", "iframe", "object", "form"]) assert.ok(!elements.includes(name), name);
            assert.ok(elements.includes("table"));
            const attributes = await ask<string[]>(
                page,
                "[...new Set([...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()))]",
            );
            assert.deepEqual(
                attributes.filter((name) => name.startsWith("on") || name === "style" || name === "src"),
                [],
            );
            const links = await ask<string[]>(
                page,
                "[...document.querySelectorAll('[href]')].map((one) => one.getAttribute('href'))",
            );
            for (const link of links) assert.match(link, /^(?:#|https:\/\/)/);
            const text = await ask<string>(page, "document.body.textContent");
            assert.ok(text.includes(attacks.script), "markup");
            assert.ok(text.includes(attacks.attribute), "attribute");
            assert.ok(text.includes("allowed \\u{202e} dewolla \\u{2066} hidden\\u{200b}"), "direction");
            assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
        });
    });

    it("should show each status by a shape and a word, each chart in words, each table with its headings", async () => {
        await closing(await show("fail"), async (page) => {
            const silent = await ask<number>(
                page,
                `[...document.querySelectorAll('svg:not(svg svg)')].filter((one) =>
                    one.getAttribute('aria-hidden') !== 'true' &&
                    !(one.getAttribute('role') === 'img' && one.getAttribute('aria-label'))).length`,
            );
            assert.equal(silent, 0);
            const statuses = await ask<string[]>(
                page,
                "[...document.querySelectorAll('.gate')].map((one) => one.querySelector('.status').textContent)",
            );
            assert.deepEqual([...new Set(statuses)].sort(), ["denied", "pass", "warning"]);
            const shapes = await ask<string[]>(
                page,
                `['pass', 'warn', 'fail'].map((status) =>
                    document.querySelector('.status.' + status + ' svg').innerHTML)`,
            );
            assert.equal(new Set(shapes).size, 3);
            const tables = await ask<boolean[]>(
                page,
                `[...document.querySelectorAll('table')].map((one) => Boolean(one.caption?.textContent) &&
                    [...one.rows].every((row) => row.cells[0].localName === 'th'))`,
            );
            assert.ok(tables.length >= 3 && tables.every(Boolean));
        });
    });

    it("should draw the soak to scale", async () => {
        await closing(await show("fail"), async (page) => {
            const [band, interruption, limit] = await ask<{ x: number; width: number }[]>(
                page,
                `['rect.served', 'rect.interruption', 'line.limit'].map((one) => {
                    const { x, width } = document.querySelector('.soak-chart ' + one).getBoundingClientRect();
                    return { x, width };
                })`,
            );
            const hour = band!.width / 6;
            const near = (one: number, other: number) => assert.ok(Math.abs(one - other) < 1.5, `${one} ${other}`);
            near(limit!.x + limit!.width / 2, band!.x + 4 * hour);
            near(interruption!.x, band!.x + 2.5 * hour);
            near(interruption!.width, (14 / 60) * hour);
            assert.equal(await ask(page, "document.querySelectorAll('.soak-chart rect.errors').length"), 2);
        });
    });

    it("should be usable by keyboard alone", async () => {
        await closing(await show("fail"), async (page) => {
            await page.keyboard.press("Tab");
            assert.equal(await ask(page, "document.activeElement.className"), "skip");
            assert.ok((await ask<number>(page, "document.activeElement.getBoundingClientRect().left")) >= 0);
            const all = await ask<number>(
                page,
                `[...document.querySelectorAll('a[href], summary')].map((one, index) => (one.dataset.order = index)).length`,
            );
            const reached = new Set<string>();
            for (let index = 0; index < all; index += 1) {
                reached.add(await ask<string>(page, "document.activeElement.dataset.order"));
                const outline = await ask<string>(page, "getComputedStyle(document.activeElement).outlineStyle");
                assert.equal(outline, "solid");
                await page.keyboard.press("Tab");
            }
            assert.equal(reached.size, all);
            await page.focus(".gate summary");
            await page.keyboard.press("Enter");
            assert.equal(await ask(page, "document.querySelector('.gate details').open"), true);
            await page.focus(".messages a");
            await page.keyboard.press("Enter");
            assert.equal(await ask(page, "document.querySelector(':target').id"), "gate-code-lint");
        });
    });

    it("should not animate for readers who prefer reduced motion", async () => {
        await closing(await show("pass"), async (page) => {
            assert.equal(await ask(page, "getComputedStyle(document.documentElement).scrollBehavior"), "auto");
            assert.equal(await ask(page, "document.getAnimations().length"), 0);
            await page.emulateMedia({ reducedMotion: "no-preference" });
            assert.equal(await ask(page, "getComputedStyle(document.documentElement).scrollBehavior"), "smooth");
        });
    });

    it("should print on five sheets, key facts first, with everything unfolded, dark text on white", async () => {
        await closing(await show("pass", { scheme: "dark" }), async (page) => {
            const visible = "[...document.querySelectorAll('.evidence')].every((one) => one.checkVisibility())";
            assert.equal(await ask(page, visible), false);
            await page.emulateMedia({ media: "print", colorScheme: "dark" });
            assert.equal(await ask(page, visible), true);
            assert.equal(await ask(page, "getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
            // On the first sheet; an A4 sheet is 1,123 pixels high.
            const tiles = "[...document.querySelectorAll('.tile')].map((one) => one.getBoundingClientRect().bottom)";
            const bottoms = await ask<number[]>(page, tiles);
            assert.equal(bottoms.length, 6);
            assert.ok(
                bottoms.every((bottom) => bottom > 0 && bottom < 1000),
                bottoms.join(", "),
            );
            const sheets = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g) ?? [];
            assert.ok(sheets.length > 1 && sheets.length <= 5, `${sheets.length} sheets`);
        });
    });
});
