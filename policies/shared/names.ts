/**
 * Whether a pattern finds a resource, by its resource name or else by its physical name. The physical name is read
 * only when it is needed: in a preview it may be unknown.
 */
export function isNamed(pattern: string, resourceName: string, physicalName: () => unknown): boolean {
    const expression = new RegExp(pattern);
    if (expression.test(resourceName)) return true;
    const name = physicalName();
    return typeof name === "string" && expression.test(name);
}
