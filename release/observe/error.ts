/**
 * Facts are missing, contradict each other, or don't go back far enough. There is no evidence then, but one sentence
 * for people.
 */
export class ObserveError extends Error {
    override readonly name = "ObserveError";
}
