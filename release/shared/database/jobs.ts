import { InvalidArgumentError, Option } from "commander";

const most = 64;

/** `--jobs`, a whole number from 1 to 64. */
export const jobsOption = (what: string, byDefault: number): Option =>
    new Option("--jobs <number>", what).default(byDefault).argParser((text) => {
        const number = Number(text);
        if (Number.isInteger(number) && number >= 1 && number <= most) return number;
        throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
    });
