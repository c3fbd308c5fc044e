import { PolicyPack } from "@pulumi/policy";
import { guardrails, packName } from "./guardrails";
import { onlyApplicable } from "./shared/applicable";
import { copyLate } from "./shared/late-copies";
import { unpackOnce } from "./shared/unpacking";

// Without these, judging costs several times as much; the judgement is the same.
unpackOnce();
copyLate();
const { policies } = onlyApplicable(guardrails);
new PolicyPack(packName, { policies, enforcementLevel: "mandatory" });
