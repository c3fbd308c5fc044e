import { run } from "./command";

/** Installs Debian packages without their recommendations, from fresh lists, after other installations have ended. */
export async function installPackages(names: readonly string[]): Promise<void> {
    const apt = (...args: string[]) =>
        run("apt-get", ["-o", "DPkg::Lock::Timeout=300", "-y", ...args], {
            environment: { DEBIAN_FRONTEND: "noninteractive" },
        });
    await apt("update");
    await apt("install", "--no-install-recommends", ...names);
}
