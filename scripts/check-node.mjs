/**
 * What `make` asks before it starts anything: whether this Node.js is one that package.json accepts. It uses no package,
 * since none may be installed yet.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const read = (file) => readFileSync(new URL(`../${file}`, import.meta.url), "utf8");

/** Each alternative is written with a caret or with ">=". */
export function accepts(version, range) {
    const [major, minor] = version.replace("v", "").split(".").map(Number);
    return range.split("||").some((alternative) => {
        const parts = /^(\^|>=)(\d+)(?:\.(\d+))?$/.exec(alternative.trim());
        if (parts === null)
            throw new Error(
                `engines.node in package.json has "${alternative.trim()}"; accepted: ^MAJOR.MINOR or >=MAJOR.MINOR`,
            );
        const [, sign, leastMajor, leastMinor = 0] = parts;
        return (
            (major === Number(leastMajor) && minor >= Number(leastMinor)) ||
            (sign === ">=" && major > Number(leastMajor))
        );
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const range = JSON.parse(read("package.json")).engines.node;
    if (!accepts(process.version, range)) {
        console.error(
            `Node.js ${process.version.slice(1)} is on PATH (${process.execPath}); accepted: ${range}; ` +
                `install version ${read(".node-version").trim()} from https://nodejs.org/`,
        );
        process.exitCode = 1;
    }
}
