import "./program/stack-traces";
import type * as pulumi from "@pulumi/pulumi";
import { admitRelease, ReleaseGate } from "./components/delivery/release-gate";
import { registryHost } from "./delivery/core/names";
import { createClusterServices } from "./program/cluster";
import { createDelivery } from "./program/delivery";
import { createEnvironment } from "./program/environment";
import { takeFieldsBack } from "./program/field-ownership";
import { after } from "./program/options";
import { preflight } from "./program/preflight";
import { createProviders } from "./program/providers";
import { createSharedPlatform } from "./program/shared-platform";
import { loadSettings } from "./settings";

/** The RelayPACS delivery platform, in the order in which a release flows through it; returns the stack's outputs. */
export = async () => {
    // Wrong settings, and a release that a gate denies, end here, before anything is registered.
    const settings = loadSettings();
    const admitted = admitRelease(settings);

    // So does an update of another account, of a cluster that does not answer, or to an older release than the one that runs.
    await preflight(settings);
    const providers = createProviders(settings);

    // The policy pack judges the release again, and everything else waits for its verdict. What both environments share does
    // too: a registry's rules or a role's rights can end what runs as surely as a bad image.
    const gate = admitted && new ReleaseGate("gates", admitted);
    const guarded: pulumi.ComponentResourceOptions = {
        providers,
        dependsOn: gate ?? [],
        transformations: [takeFieldsBack],
    };

    // What both environments use: identities, keys, registry, stores, and the rules of the repository.
    const shared = settings.sharedResources === "create" ? createSharedPlatform(settings, guarded) : undefined;

    // One environment: its secrets, its credentials in GitHub, its namespace.
    const environment = createEnvironment(settings, guarded, shared?.foundations);

    // What releases need of the cluster: ingress by weights, the controller of blue-green releases, measurements.
    const cluster = createClusterServices(settings, guarded);

    // The release: migration first, then each service by digest, then the public host name. Production goes blue-green.
    const delivery =
        settings.release && createDelivery(settings, settings.release, environment, after(guarded, cluster));

    return {
        url: `https://${settings.hostname}`,
        namespace: environment.namespace,
        version: delivery?.deployed.version ?? "none",
        images: delivery?.deployed.images ?? {},
        /** What runs, as `relaypacs:release` and the command line take it. */
        release: delivery?.deployed.apply(() => settings.release) ?? {},
        registry: registryHost(settings.account),
        /** ARNs of the keys that sign evidence; their public halves go to `relaypacs:trustedKeys` (docs/guides/account-setup.md). */
        signingKeys: shared?.signingKeys ?? {},
    };
};
