import { defineConfig } from "@playwright/test";

/** Chromium of the machine, where Playwright's own can't be downloaded. */
const executablePath = process.env.CHROMIUM;

export default defineConfig({
    testDir: "e2e",
    retries: 0,
    use: {
        baseURL: process.env.STACK_URL ?? "http://127.0.0.1:18080",
        trace: "retain-on-failure",
        launchOptions: { ...(executablePath && { executablePath }), args: ["--no-sandbox"] },
    },
    projects: [{ name: "chromium", use: { browserName: "chromium" } }],
});
