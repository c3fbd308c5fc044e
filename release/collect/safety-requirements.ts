import { z } from "zod";
import { lineAt } from "./shared/lines";
import { quote, ReportError } from "./shared/error";
import { parseJson } from "./shared/json";
import { checkText } from "./shared/text";

const report = z.object({
    report_meta: z.object({ scan_target: z.string(), scanned: z.array(z.string()) }),
    scanned_packages: z.record(z.string(), z.object({ version: z.string() })),
});

/** One pinned requirement: its name, extras, the version, and what may follow. */
const pinned = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;,*]+)\s*(?:;.*)?$/;

/** A package's name as Python compares it. */
const normal = (name: string) => name.toLowerCase().replaceAll(/[-_.]+/g, "-");

/** The requirements of a file, with the index of their line; without comments, hashes and options of the index. */
function requirementsOf(text: string): readonly { readonly requirement: string; readonly at: number }[] {
    const found: { requirement: string; at: number }[] = [];
    let open: { requirement: string; at: number } | undefined;
    text.split("\n").forEach((line, at) => {
        const part = line.replace(/\r$/, "").replace(/(?:^|\s)#.*$/, "");
        const whole = { requirement: (open?.requirement ?? "") + part.replace(/\\$/, " "), at: open?.at ?? at };
        open = part.endsWith("\\") ? whole : undefined;
        if (open === undefined) found.push(whole);
    });
    if (open !== undefined) found.push(open);
    return found
        .map(({ requirement, at }) => ({ requirement: requirement.replaceAll(/\s--hash[= ]\S+/g, "").trim(), at }))
        .filter(
            ({ requirement }) =>
                requirement !== "" && !/^(?:-i|--(?:extra-)?index-url|--trusted-host)\b/.test(requirement),
        );
}

/**
 * Checks that Safety looked at every requirement. `safety check -r` drops those without an exact version, and its report
 * does not name them.
 *
 * @param files the files that Safety scanned, as the manifest names them; undefined when it does not
 * @throws ReportError for a requirement that is not pinned or not in the report, and when the files are unknown
 */
export function checkRequirements(
    text: string,
    file: string,
    files: readonly { readonly file: string; readonly text: string }[] | undefined,
): void {
    const { report_meta: meta, scanned_packages: packages } = parseJson(
        text,
        file,
        report,
        "Safety (safety check --json)",
    );
    if (meta.scan_target !== "files") return;
    if (files === undefined || files.length !== meta.scanned.length)
        throw new ReportError(
            file,
            "report_meta.scanned",
            `Safety scanned ${quote(meta.scanned.join(", "))} and leaves out requirements that are not pinned; add these files to the reports, and name them under requirements in the manifest.`,
        );
    const scanned = new Set(Object.keys(packages).map(normal));
    for (const one of files) {
        checkText(one.text, one.file);
        for (const { requirement, at } of requirementsOf(one.text)) {
            const name = pinned.exec(requirement)?.[1];
            if (name === undefined)
                throw new ReportError(
                    one.file,
                    lineAt(at),
                    `${quote(requirement)} has no exact version, so Safety did not check it; pin it with ==, for example by pip freeze.`,
                );
            if (!scanned.has(normal(name)))
                throw new ReportError(
                    one.file,
                    lineAt(at),
                    `${quote(requirement)} is not among the packages that ${file} lists; scan this file again.`,
                );
        }
    }
}
