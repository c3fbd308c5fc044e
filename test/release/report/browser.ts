import { spawnSync } from "node:child_process";
import { chromium, type Browser } from "playwright-core";
import { installPackages } from "../../../sandbox/machine/debian";

function installed(): string | undefined {
    const found = spawnSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" });
    return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Starts Debian's Chromium and installs it if it is missing. */
export async function startBrowser(): Promise<Browser> {
    if (installed() === undefined) await installPackages(["chromium"]);
    const executablePath = installed();
    if (executablePath === undefined) throw new Error("Chromium is not installed; install Debian's package chromium.");
    // Chromium's own sandbox does not work for root; the pages are this project's.
    return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}
