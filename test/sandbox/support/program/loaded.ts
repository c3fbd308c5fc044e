/** The compilers that this process has loaded. */
export const compilers = (): string[] =>
    Object.keys(require.cache).filter((file) => /node_modules\/(@swc|ts-node|typescript)\//.test(file));
