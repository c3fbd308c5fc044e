import { atProduction } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { signOffs } from "../engine/sign-off";
import { listed } from "../../core/text";

/** The approver of a hotfix knows that it has not soaked in staging (specification, section 6, Hotfix). */
export const hotfixApproval = gate({
    id: "hotfix-approval",
    section: "6, Hotfix Deployment: Process",
    title: "Hotfix approval",
    level: "blocking",
    stage: "hotfix",
    checkpoints: atProduction,
    releases: "hotfix",
    needs: ["approval", "code-review"],
    limit: () => "an expedited approval by an Engineering Manager or Tech Lead",
    measure: (found, context) => {
        const { counting } = signOffs(found.approval[0].predicate, found["code-review"][0].predicate, context);
        const expedited = counting.filter((one) => one.expedited);
        if (expedited.length === 0) return { measured: "none", problems: ["no expedited approval that counts"] };
        return { measured: `expedited by ${listed(expedited.map((one) => one.login))}`, problems: [] };
    },
});
