import * as fs from "node:fs";
import * as path from "node:path";
import type { ItemPredicate } from "../../../delivery/evidence/items";
import type { EvidenceFile } from "../../../delivery/evidence/verify";
import { ago, hour, minute, now, release } from "../../delivery/gates/support/contents";
import { evidence, keys, type Spoilers } from "../../delivery/gates/support/world";

export { now };

/** Paths of a release's files, as the commands take them. */
export interface Dossier {
    readonly evidence: string;
    readonly release: string;
    readonly keys: string;
    readonly changes: string;
}

interface Variation {
    readonly spoilers?: Spoilers;
    readonly files?: readonly EvidenceFile[];
    readonly empty?: boolean;
    readonly hotfix?: boolean;
    readonly commits?: readonly object[];
}

type Soak = ItemPredicate<"soak">;
type Interval = NonNullable<Soak["course"]>["intervals"][number];

/** The timeline of the example's soak: 18,000 requests in six hours, with a peak. */
export function course(change: (interval: Interval, index: number) => void = () => undefined): Soak["course"] {
    const intervals = Array.from({ length: 72 }, (_, index): Interval => {
        const requests = 250 + Math.round(90 * Math.sin((index / 71) * 2 * Math.PI));
        return { at: ago(7 * hour - index * 5 * minute), requests, serverErrors: 0, servingPods: 4 };
    });
    for (const [index, interval] of intervals.entries()) change(interval, index);
    return { intervalSeconds: 5 * minute, intervals };
}

const commit = (digit: string, author: string, subject: string, hours: number) => {
    return { commit: digit.repeat(40), author, committedAt: ago(hours * hour), subject };
};

/** The commits of the example release. */
export const commits = [
    commit("c", "Ada Lovelace", "feat(auth): add TOTP two-factor authentication (#57)", 11),
    commit("7", "Ada Lovelace", "fix(upload): resolve chunk merge race condition (#56)", 26),
    commit("6", "Edsger Dijkstra", "test(e2e): add upload resume scenario (#54)", 30),
    commit("5", "Ada Lovelace", "docs(readme): update deployment instructions (#52)", 49),
    commit("4", "Edsger Dijkstra", "chore(deps): update FastAPI (#51)", 52),
];

export const good: Spoilers = { soak: { change: (one: Soak) => void (one.course = course()) } };

/** A soak with an interruption and errors, a missing approval, an unsigned report, two incidents. */
export const bad: Spoilers = {
    soak: {
        change: (one: Soak) => {
            one.serverErrors = 23;
            one.containerRestarts = 1;
            one.interruptions = [
                { at: ago(4.5 * hour), durationSeconds: 14 * minute, cause: "no ready pod of backend" },
            ];
            one.course = course((interval, index) => {
                if (index >= 30 && index < 33) Object.assign(interval, { requests: 4, servingPods: 0 });
                if (index === 29) interval.serverErrors = 19;
                if (index === 33) interval.serverErrors = 4;
            });
        },
    },
    approval: { missing: true },
    "lint-frontend": { reseal: (envelope) => void envelope.signatures.splice(0) },
    "coverage-backend": { change: (one: ItemPredicate<"coverage-backend">) => void (one.linesCovered = 8991) },
    incidents: {
        change: (one: ItemPredicate<"incidents">) => {
            one.incidents = [
                { id: "INC-41", priority: "P2", openedAt: ago(30 * hour), uri: "https://incidents.example/INC-41" },
                { id: "INC-40", priority: "P1", openedAt: ago(55 * hour), uri: "https://incidents.example/INC-40" },
                { id: "INC-39", priority: "P3", openedAt: ago(80 * hour) },
            ];
        },
    },
};

/** A hotfix without a soak, with an expedited approval. */
export const hotfix: Spoilers = {
    soak: { missing: true },
    approval: { change: (one: ItemPredicate<"approval">) => void (one.decisions[0]!.expedited = true) },
};

/** Writes a signed dossier into a folder. */
export function writeDossier(folder: string, variation: Variation = {}): Dossier {
    const at = (name: string) => path.join(folder, name);
    fs.mkdirSync(at("evidence"), { recursive: true });
    const files = [...(variation.empty ? [] : evidence(variation.spoilers)), ...(variation.files ?? [])];
    for (const { source, envelope } of files) {
        fs.writeFileSync(path.join(at("evidence"), source), JSON.stringify(envelope));
    }
    const { version, commit: hash, images } = release;
    const write = (name: string, value: unknown) => fs.writeFileSync(at(name), JSON.stringify(value));
    write("release.json", {
        version,
        commit: hash,
        images,
        repository: "https://github.com/relaypacs/gateway",
        ...(variation.hotfix && { hotfix: true }),
    });
    write("keys.json", keys);
    write("changes.json", { previousVersion: "1.4.1", commits: variation.commits ?? commits });
    return {
        evidence: at("evidence"),
        release: at("release.json"),
        keys: at("keys.json"),
        changes: at("changes.json"),
    };
}
