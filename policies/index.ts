import { PolicyPack } from "@pulumi/policy";
import { guardrails, packName } from "./guardrails";
import { unpackOnce } from "./shared/unpacking";

unpackOnce();
new PolicyPack(packName, { policies: guardrails, enforcementLevel: "mandatory" });
