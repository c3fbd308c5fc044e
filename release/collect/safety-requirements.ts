import { basename } from "node:path";
import { z } from "zod";
import { lineAt } from "./shared/lines";
import { quote, ReportError } from "./shared/error";
import { parseJson } from "./shared/json";
import { checkText } from "./shared/text";

const report = z.object({
    report_meta: z.object({ scan_target: z.string(), scanned: z.array(z.string()) }),
    scanned_packages: z.record(z.string(), z.object({ version: z.string() })),
});

/** Options of pip that name no requirement (pip, "Requirements File Format"), and constraints, which only limit some. */
const options =
    /^(?:-i|-f|-c|--(?:(?:extra-)?index-url|no-index|trusted-host|find-links|constraint|no-binary|only-binary|prefer-binary|require-hashes|pre|use-feature))(?=[\s=]|$)/;

/** A line that takes in another file. */
const including = /^(?:-r|--requirement)[\s=]+(\S+)$/;

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
        .filter(({ requirement }) => requirement !== "" && !options.test(requirement));
}

/**
 * Checks that Safety looked at every requirement. `safety check -r` drops those without an exact version, and its report
 * does not name them.
 *
 * @param files the files that Safety scanned or read from standard input, as the manifest names them; undefined when it
 * does not
 * @throws ReportError for a requirement that is not pinned or not in the report, for one that takes in a file which was not
 * scanned, for a package of which the report has another version, and when the files are unknown
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
    // Installed packages have a version each.
    if (meta.scan_target === "environment") return;
    const stdin = meta.scan_target === "stdin";
    if (files === undefined || files.length === 0 || (!stdin && files.length !== meta.scanned.length))
        throw new ReportError(
            file,
            "report_meta.scanned",
            stdin
                ? "Safety scanned its standard input and leaves out requirements that are not pinned; add to the reports what it read, and name it under requirements in the manifest."
                : `Safety scanned ${quote(meta.scanned.join(", "))} and leaves out requirements that are not pinned; add these files to the reports, and name them under requirements in the manifest.`,
        );
    const scanned = new Map(Object.entries(packages).map(([name, { version }]) => [normal(name), version]));
    const names = new Set(files.map((one) => basename(one.file)));
    /** Of each package, where it was pinned last, and all versions: one for each platform, for example. */
    const pins = new Map<string, { readonly file: string; readonly at: number; readonly versions: string[] }>();
    for (const one of files) {
        checkText(one.text, one.file);
        for (const { requirement, at } of requirementsOf(one.text)) {
            const included = including.exec(requirement)?.[1];
            if (included !== undefined && names.has(basename(included))) continue;
            if (included !== undefined)
                throw new ReportError(
                    one.file,
                    lineAt(at),
                    `${quote(requirement)} takes in another file; scan it, too, and name it under requirements in the manifest.`,
                );
            const [, name, version = ""] = pinned.exec(requirement) ?? [];
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
            const versions = [...(pins.get(normal(name))?.versions ?? []), version];
            pins.set(normal(name), { file: one.file, at, versions });
        }
    }
    for (const [name, { at, file: where, versions }] of pins)
        if (!versions.includes(scanned.get(name) ?? ""))
            throw new ReportError(
                where,
                lineAt(at),
                `${name} is pinned to ${versions.join(" or ")}, but ${file} is about ${String(scanned.get(name))}; scan this file again.`,
            );
}
