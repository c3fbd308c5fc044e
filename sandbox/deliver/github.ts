import type { Instance } from "../machine/instance";
import { SandboxError } from "../machine/part";
import { githubAddress } from "../parts/github/part";
import type { Person } from "../parts/github/relaypacs";

/** A request to GitHub's API; the answer is its JSON. @throws SandboxError with what GitHub says */
export type GitHub = <T>(method: string, path: string, body?: object) => Promise<T>;

/** The API as a person uses it. */
export const githubOf =
    (address: string, { login, token }: Person): GitHub =>
    async <T>(method: string, path: string, body?: object) => {
        const response = await fetch(`${address}/api/v3/${path}`, {
            method,
            headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
            ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (!response.ok)
            throw new SandboxError(`${login} asks the sandbox's GitHub to ${method} ${path}, and it says: ${text}`);
        return (text === "" ? {} : JSON.parse(text)) as T;
    };

/** The API of a sandbox's GitHub, as a person uses it. */
export const github = (instance: Instance, person: Person): GitHub => githubOf(githubAddress(instance), person);
