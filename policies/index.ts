// Must come first.
import "./shared/late-modules";
import { PolicyPack } from "@pulumi/policy";
import { guardrails, packName } from "./guardrails";
import { onlyApplicable } from "./shared/applicable";
import { copyLate } from "./shared/late-copies";
import { remediateOnlyApplicable } from "./shared/remediations";
import { unpackLate } from "./shared/unpacking";

// Without these, judging costs several times as much; the judgement is the same.
unpackLate();
copyLate();
remediateOnlyApplicable(guardrails);
const { policies } = onlyApplicable(guardrails);
new PolicyPack(packName, { policies, enforcementLevel: "mandatory" });
