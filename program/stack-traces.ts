/**
 * Stack traces as people can use them. Imported before anything else.
 *
 * Pulumi's runtime keeps a stack trace for each of its thousands of promises, to print it with PULUMI_DEBUG_PROMISE_LEAKS.
 * ts-node translates each to lines of TypeScript at once, which took a third of a preview's time in the program: without
 * that variable they stay empty. Every other stack trace is without the lines of that runtime. Its source map gives one of
 * its files a path for which Node.js 20 needs twenty seconds and a gigabyte to print an error in colours, as the runtime does.
 */
const translate = Error.prepareStackTrace;

const isOfRuntime = (frame: NodeJS.CallSite) =>
    /[\\/]node_modules[\\/]@pulumi[\\/]pulumi[\\/]/.test(frame.getFileName() ?? "");

if (translate && !process.env.PULUMI_DEBUG_PROMISE_LEAKS)
    Error.prepareStackTrace = (error, frames) =>
        frames[0]?.getFunctionName() === "debuggablePromise"
            ? error.message
            : translate(
                  error,
                  frames.filter((frame) => !isOfRuntime(frame)),
              );
