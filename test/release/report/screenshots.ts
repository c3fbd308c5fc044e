import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { Browser } from "playwright-core";
import { readChanges } from "../../../release/report/changes";
import { pageContents } from "../../../release/report/contents";
import { page } from "../../../release/report/page";
import { readInputs } from "../../../release/check/input";
import { startBrowser } from "./browser";
import { bad, good, hotfix, now, writeDossier, type Dossier } from "../support/dossiers";
import { hostile, hostileCommits, rejectedFiles } from "../support/hostile";
import { projectRoot } from "../../support/project";

/** The page of a release, as `release report` writes it. */
export async function pageOf(dossier: Dossier, hasChanges = true): Promise<string> {
    const input = await readInputs(dossier, now);
    const changes = hasChanges ? await readChanges(dossier.changes, input.release.commit) : undefined;
    return page(
        pageContents(input, {
            changes,
            previousVersion: changes?.previousVersion,
            approverTeams: ["engineering-managers", "tech-leads"],
        }),
    );
}

/** The pages of the tests and screenshots, by name. */
export function pages(folder: string): Promise<Map<string, string>> {
    const at = (name: string) => path.join(folder, name);
    const made: [string, Promise<string>][] = [
        ["pass", pageOf(writeDossier(at("pass"), { spoilers: good }))],
        ["fail", pageOf(writeDossier(at("fail"), { spoilers: bad }))],
        ["awaiting", pageOf(writeDossier(at("awaiting"), { spoilers: { ...good, approval: { missing: true } } }))],
        ["hotfix", pageOf(writeDossier(at("hotfix"), { spoilers: hotfix, hotfix: true }))],
        [
            "hostile",
            pageOf(writeDossier(at("hostile"), { spoilers: hostile, files: rejectedFiles, commits: hostileCommits })),
        ],
        ["empty", pageOf(writeDossier(at("empty"), { empty: true }), false)],
    ];
    return Promise.all(made.map(async ([name, text]) => [name, await text] as const)).then((list) => new Map(list));
}

export interface View {
    readonly width: number;
    readonly scheme: "light" | "dark";
}

/** Opens a page from a file, as approvers do. */
export async function open(browser: Browser, folder: string, name: string, text: string, view: View) {
    const context = await browser.newContext({
        viewport: { width: view.width, height: 900 },
        colorScheme: view.scheme,
        reducedMotion: "reduce",
    });
    const file = path.join(folder, `${name}.html`);
    fs.writeFileSync(file, text);
    const shown = await context.newPage();
    await shown.goto(`file://${file}`);
    return shown;
}

/** Writes docs/images/approver-page.png. With a folder as argument, also writes every page in every view into that folder. */
async function main(folder: string | undefined): Promise<void> {
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), "approver-page-"));
    const browser = await startBrowser();
    try {
        const all = await pages(temporary);
        const picture = await open(browser, temporary, "pass", all.get("pass") ?? "", { width: 1040, scheme: "light" });
        await picture.screenshot({
            path: path.join(projectRoot, "docs/images/approver-page.png"),
            clip: { x: 0, y: 0, width: 1040, height: 1500 },
            fullPage: true,
        });
        for (const [name, text] of folder === undefined ? [] : all) {
            for (const width of [360, 1040]) {
                for (const scheme of ["light", "dark"] as const) {
                    const shown = await open(browser, temporary, name, text, { width, scheme });
                    await shown.screenshot({
                        path: path.join(folder ?? "", `${name}-${width}-${scheme}.png`),
                        fullPage: true,
                    });
                    await shown.context().close();
                }
            }
        }
    } finally {
        await browser.close();
        fs.rmSync(temporary, { recursive: true });
    }
}

if (require.main === module) {
    main(process.argv[2]).catch((error: unknown) => {
        console.error(error);
        process.exitCode = 1;
    });
}
