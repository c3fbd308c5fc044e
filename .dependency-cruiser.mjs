/**
 * The layers (docs/architecture.md): imports go down only, and never in a circle.
 *
 *     sandbox → release | program → components | policies | settings → delivery
 */
const layers = {
    delivery: [],
    settings: ["delivery"],
    policies: ["delivery"],
    components: ["delivery"],
    program: ["components", "settings", "delivery"],
    release: ["settings", "delivery"],
    sandbox: ["release", "program", "components", "policies", "settings", "delivery"],
};
const folders = Object.keys(layers);

/** A folder may import from itself and from the layers below it. */
const downOnly = Object.entries(layers).map(([folder, below]) => {
    const above = folders.filter((one) => one !== folder && !below.includes(one));
    return {
        name: `${folder}-imports-down-only`,
        comment: `${folder}/ may import from ${[...below, "packages"].join(", ")} only`,
        severity: "error",
        from: { path: folder === "program" ? "^(?:program/|index\\.ts$)" : `^${folder}/` },
        to: { path: `^(?:${[...above, "docs", "test"].join("|")})/|^index\\.ts$` },
    };
});

export default {
    forbidden: [
        ...downOnly,
        {
            name: "no-circle",
            comment: "A file that imports itself by way of others can't be read, tested or moved alone",
            severity: "error",
            from: {},
            to: { circular: true },
        },
        {
            name: "delivery-knows-nothing-of-pulumi",
            comment: "Rules about releases are judged without an engine: on the command line, on a page, in the pack",
            severity: "error",
            from: { path: "^delivery/" },
            to: { path: "node_modules/@pulumi/" },
        },
        {
            name: "nothing-imports-what-is-compiled",
            comment: "An import of policies/ by its folder would be one: its package.json names build/policies",
            severity: "error",
            from: {},
            to: { path: "^build/" },
        },
        {
            name: "nothing-imports-tests",
            severity: "error",
            from: { pathNot: "^test/" },
            to: { path: "^test/" },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules|^build/" },
        exclude: { path: "^test/fixtures/" },
        tsPreCompilationDeps: true,
        tsConfig: { fileName: "tsconfig.json" },
    },
};
