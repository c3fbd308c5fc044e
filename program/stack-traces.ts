/**
 * Pulumi's runtime keeps a stack trace for each of its thousands of promises, to print it with PULUMI_DEBUG_PROMISE_LEAKS.
 * ts-node translates each to lines of TypeScript at once, which took a third of a preview's time in the program. Without
 * that variable they stay empty; every other stack trace is as before. Imported before anything else.
 */
const translate = Error.prepareStackTrace;

if (translate && !process.env.PULUMI_DEBUG_PROMISE_LEAKS)
    Error.prepareStackTrace = (error, frames) =>
        frames[0]?.getFunctionName() === "debuggablePromise" ? error.message : translate(error, frames);
