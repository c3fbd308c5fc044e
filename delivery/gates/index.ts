/** The public interface of the quality gates: the judgement of a release, and its types. Everything else is internal. */
export { limits, stricterLimits, type LimitName, type Limits } from "./engine/limits";
export type { JudgementRequest } from "./engine/request";
export {
    checkpoints,
    type Checkpoint,
    type EvidenceReference,
    type Gate,
    type Stage,
    type Status,
} from "./engine/types";
export { judgeRelease, type Judgement, type Outcome } from "./judge-release";
export { gates } from "./list";
