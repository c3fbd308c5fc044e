import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../machine/command";
import { projectRoot } from "../machine/instance";
import type { Repository } from "../runner/repository";
import { author } from "../parts/github/relaypacs";

const git = (folder: string, ...args: string[]) => run("git", args, { directory: folder });

/** A Git repository of this machine, for the runner. */
export const localGit = (folder: string): Pick<Repository, "read" | "checkout"> => ({
    read: (file) => fs.readFileSync(path.join(folder, file), "utf8"),
    checkout: async (commit, into) => {
        await git(folder, "clone", "--quiet", "--no-checkout", folder, into);
        await git(into, "checkout", "--quiet", "--detach", commit);
    },
});

/**
 * This project's files as they are, at whatever commit: the gateway's workflows pin zeros, which no commit has.
 *
 * @param change of each checkout
 */
export const ownFiles = (
    change: (checkout: string) => void = () => undefined,
): Pick<Repository, "read" | "checkout"> => ({
    read: (file) => fs.readFileSync(path.join(projectRoot, file), "utf8"),
    checkout: async (_commit, into) => {
        const files = await git(projectRoot, "ls-files", "--cached", "--others", "--exclude-standard", "-z");
        for (const file of files
            .split("\0")
            .filter((one) => one !== "" && fs.existsSync(path.join(projectRoot, one)))) {
            await fs.promises.mkdir(path.dirname(path.join(into, file)), { recursive: true });
            await fs.promises.copyFile(path.join(projectRoot, file), path.join(into, file));
        }
        change(into);
    },
});

/** The workflows of the templates, and where else the gateway has a file of theirs. */
const templates: Readonly<Record<string, string>> = {
    "ci-cd.yml": ".github/workflows/ci-cd.yml",
    "hotfix.yml": ".github/workflows/hotfix.yml",
    "rollback.yml": ".github/workflows/rollback.yml",
    "dependabot.yml": ".github/dependabot.yml",
    "wait-for-stack.sh": "scripts/wait-for-stack.sh",
};

export interface Gateway {
    readonly folder: string;
    readonly branch: string;
    readonly title: string;
    /** The commit of `main`. */
    readonly main: string;
    /** The commit of the feature branch. */
    readonly head: string;
    /** What the feature's `VERSION` says. */
    readonly version: string;
}

const fixture = path.join(__dirname, "../gateway");

/** The gateway's files, with the workflows and scripts of the templates. */
function writeFiles(folder: string, version: string): void {
    for (const name of fs.readdirSync(folder))
        if (name !== ".git") fs.rmSync(path.join(folder, name), { recursive: true });
    fs.cpSync(fixture, folder, {
        recursive: true,
        // What tools have left there.
        filter: (file) => !["node_modules", "dist", "coverage", "__pycache__"].includes(path.basename(file)),
    });
    for (const [name, place] of Object.entries(templates)) {
        fs.mkdirSync(path.dirname(path.join(folder, place)), { recursive: true });
        fs.copyFileSync(path.join(projectRoot, "templates/gateway", name), path.join(folder, place));
    }
    fs.chmodSync(path.join(folder, "scripts/wait-for-stack.sh"), 0o755);
    fs.writeFileSync(path.join(folder, "VERSION"), `${version}\n`);
}

/** The fixture's version, or the next one after what has been released. */
export function nextVersion(released: readonly string[]): string {
    const own = fs.readFileSync(path.join(fixture, "VERSION"), "utf8").trim();
    const minors = released.map((version) => Number(version.split(".")[1] ?? "0"));
    return `1.${Math.max(Number(own.split(".")[1]), ...minors.map((minor) => minor + 1))}.0`;
}

/** Makes an empty repository. Its commits are the author's. */
export async function makeRepository(folder: string): Promise<void> {
    fs.mkdirSync(folder, { recursive: true });
    await git(folder, "init", "--quiet", "--initial-branch", "main");
    await git(folder, "config", "user.name", author.name);
    await git(folder, "config", "user.email", `${author.login}@users.noreply.github.com`);
}

async function commit(folder: string, message: string): Promise<string> {
    await git(folder, "add", "--all");
    await git(folder, "commit", "--quiet", "--no-verify", "--message", message);
    return git(folder, "rev-parse", "HEAD");
}

/** A branch on `main` with the gateway of a released version, which is its first. */
export async function makeFirst(folder: string, main: string, version: string): Promise<Gateway> {
    const branch = "feature/RP-100-describe-the-gateway";
    const title = "feat(gateway): move images to their archive";
    await git(folder, "checkout", "--quiet", "-B", branch, main);
    writeFiles(folder, version);
    return { folder, branch, title, main, head: await commit(folder, title), version };
}

/** A feature branch on `main` with one commit, which brings a version. */
export async function makeFeature(folder: string, main: string, version: string): Promise<Gateway> {
    const ticket = 100 + Number(version.split(".")[1]);
    const branch = `feature/RP-${ticket}-describe-the-page`;
    const title = "feat(frontend): describe the page";
    await git(folder, "checkout", "--quiet", "-B", branch, main);
    writeFiles(folder, version);
    const page = path.join(folder, "frontend/src/index.html");
    const charset = '<meta charset="utf-8" />';
    const description = `<meta name="description" content="Moves medical images to their archive, since ${version}" />`;
    const text = fs.readFileSync(page, "utf8");
    fs.writeFileSync(page, text.replace(charset, `${charset}\n        ${description}`));
    return { folder, branch, title, main, head: await commit(folder, title), version };
}
