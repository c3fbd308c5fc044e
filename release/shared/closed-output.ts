/**
 * Lets this process go on when the reader of its output has left, as in `release watch | head`: what it does is finished,
 * and its exit code is still its verdict. Without this, Node.js ends with a stack trace. Other errors of the output are
 * thrown.
 */
export function outliveOutput(): void {
    for (const stream of [process.stdout, process.stderr])
        stream.on("error", (error: NodeJS.ErrnoException) => {
            if (error.code !== "EPIPE") throw error;
        });
}
