/** Facts that can't be found, contradict each other, or don't reach far enough. Never evidence; one sentence for people. */
export class ObserveError extends Error {
    override readonly name = "ObserveError";
}
