import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../shared/policy";
import type { Rollout } from "../shared/rollouts";
import { specification } from "../shared/standards";
import { kubernetes } from "../shared/types";

const placeOf = ({ props }: PolicyResource): string => {
    const { metadata } = props as Rollout;
    return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
};

/** Otherwise a Rollout could name a template that was created by hand, which no guardrail has judged. */
export const kubernetesRolloutAnalyses = stackPolicy({
    name: "kubernetes-rollout-analyses",
    description: "Every analysis of a Rollout is declared beside it, where the guardrails judge it.",
    enforcementLevel: "mandatory",
    severity: "high",
    ...specification("Section 7, Automated Rollback Triggers", "Rollback is initiated automatically"),
    remediationSteps: "Declare the AnalysisTemplate in the Rollout's namespace and stack, or correct templateName.",
    judge: (stack, findings) => {
        const declared = new Set<string>();
        findings.each(stack.ofTypes(kubernetes.analysisTemplate), (template) => declared.add(placeOf(template)));
        findings.each(stack.ofTypes(kubernetes.rollout), (rollout) => {
            const { metadata, spec } = rollout.props as Rollout;
            const canary = spec?.strategy?.canary;
            const analyses = [canary?.analysis, ...(canary?.steps ?? []).map(({ analysis }) => analysis)];
            const names = new Set<string>();
            for (const analysis of analyses)
                findings.each(analysis?.templates, ({ templateName }) => names.add(templateName ?? ""));
            for (const name of names) {
                if (declared.has(`${metadata?.namespace ?? ""}/${name}`)) continue;
                const accepted = "an AnalysisTemplate of the same namespace and stack";
                findings.refuse(
                    `${rollout.name} is judged by ${name}, which is not declared; accepted: ${accepted}.`,
                    rollout.urn,
                );
            }
        });
    },
});
