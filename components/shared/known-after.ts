import * as pulumi from "@pulumi/pulumi";

/** The same value, known only once the resources exist: what uses it depends on them. */
export function after<T>(resources: readonly pulumi.Resource[], value: pulumi.Output<T>): pulumi.Output<T> {
    const urns = pulumi.all(resources.map((resource) => resource.urn));
    return pulumi.all([value, urns]).apply(([known]) => known) as pulumi.Output<T>;
}
