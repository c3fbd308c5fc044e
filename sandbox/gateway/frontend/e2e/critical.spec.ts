import { expect, test, type Page } from "@playwright/test";

async function signIn(page: Page, password = "testpass"): Promise<void> {
    await page.goto("/");
    await page.getByLabel("User name").fill("testuser");
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
}

test.describe("critical paths", { tag: "@critical" }, () => {
    test("the page opens and shows the backend's version", async ({ page }) => {
        await page.goto("/");
        await expect(page).toHaveTitle("RelayPACS Gateway");
        await expect(page.locator("#version")).not.toBeEmpty();
    });

    test("a user signs in", async ({ page }) => {
        await signIn(page);
        await expect(page.getByRole("status")).toHaveText("Signed in");
    });

    test("a wrong password is refused", async ({ page }) => {
        await signIn(page, "wrong");
        await expect(page.getByRole("status")).toHaveText("The user name or the password is wrong.");
        await expect(page.getByLabel("Size in bytes")).toBeHidden();
    });

    test("an upload in one chunk is complete", async ({ page }) => {
        await signIn(page);
        await page.getByLabel("Size in bytes").fill("1001");
        await page.getByRole("button", { name: "Upload" }).click();
        await expect(page.getByText("1001 bytes: complete")).toBeVisible();
    });

    test("an upload in several chunks is complete", async ({ page }) => {
        await signIn(page);
        await page.getByLabel("Size in bytes").fill("200002");
        await page.getByRole("button", { name: "Upload" }).click();
        await expect(page.getByText("200002 bytes: complete")).toBeVisible();
    });
});
